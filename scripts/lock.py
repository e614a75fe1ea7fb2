"""Locks the versions of both distributions: what runs, and what development needs as well. Hashes, no addresses.

With names, only those packages move; without, everything stays that still fits: python -m scripts.lock [package ...]
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scripts.entry import enter
from scripts.paths import API, BACKEND, BIN, LIBRARY

DEVELOPMENT = BACKEND / "requirements-dev.in"
OPTIONS = ["--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-emit-index-url", "--no-emit-trusted-host"]
QUIET = ["--no-emit-find-links", "--no-emit-options", "--quiet"]


ASIDE = ("testing", "tracing")


def requirements(folder: Path) -> Iterator[str]:
    """What a distribution needs, with the extras for production, except for the other one."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {})
    groups = [project["dependencies"], *(extras[name] for name in extras if name not in ASIDE)]
    for requirement in {line for group in groups for line in group}:
        if not re.match(r"better-auth-resource-server\b", requirement):
            yield requirement


def tracing() -> list[str]:
    """What the service needs besides, to send traces."""
    project = tomllib.loads((API / "pyproject.toml").read_text())["project"]
    return list(project["optional-dependencies"]["tracing"])


def lock(target: str, source: list[str], upgrade: list[str]) -> None:
    packages = [word for name in upgrade for word in ("--upgrade-package", name)]
    command = [str(BIN / "pip-compile"), *OPTIONS, *QUIET, *packages, "--output-file", target, "-"]
    environment = {**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"}
    text = "\n".join(sorted(source)).encode()
    subprocess.run(command, cwd=BACKEND, env=environment, input=text, check=True)


def main() -> None:
    needed = [*requirements(LIBRARY), *requirements(API)]
    development = [line for line in DEVELOPMENT.read_text().splitlines() if line and not line.startswith("#")]
    lock("requirements.lock", needed, sys.argv[1:])
    lock("requirements-tracing.lock", [*needed, *tracing()], sys.argv[1:])
    lock("requirements-dev.lock", [*needed, *tracing(), *development], sys.argv[1:])


if __name__ == "__main__":
    enter(main)
