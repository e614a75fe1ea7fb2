"""This whole suite against the installed wheel: every attack, vector and property, without the sources."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
LIBRARY = ROOT / "backend" / "resource_server"
PROVES = "import resource_server, sys; print(resource_server.__file__.startswith(sys.prefix))"

pytestmark = pytest.mark.long


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The tests and what they read, in the same places, without the library's sources."""
    for name in (".venv", "frontend", "scripts", "shared-schema"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("pyproject.toml", "shared_fixtures"):
        copy(ROOT / "backend" / name, tmp_path / "backend" / name)
    own = tmp_path / "backend" / "resource_server"
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "docs", "pyproject.toml", "tests"):
        copy(LIBRARY / name, own / name)
    return own


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_the_whole_suite_passes_against_the_installed_wheel(complete: Path, copied: Path) -> None:
    assert not (copied / "src").exists()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run([complete, "-c", PROVES], cwd=copied, check=True, capture_output=True, text=True)
    assert where.stdout.strip() == "True"
    # What builds the wheel needs the sources.
    options = ["-q", "-n", "2", "-m", "not long", "--ignore", "tests/package/test_distribution.py"]
    answer = subprocess.run(
        [complete, "-m", "pytest", *options, "-p", "no:cacheprovider", "tests"],
        cwd=copied,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-5_000:]
    assert "resource_server/src" not in answer.stdout
    passed = re.search(r"(\d+) passed", answer.stdout)
    assert passed is not None
    assert int(passed[1]) > 2_000
