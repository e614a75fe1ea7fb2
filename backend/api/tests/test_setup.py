"""`make` finds out when what it installed is incomplete, another folder's or of another Python, and else leaves it."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.setup import changed, python_of, remember, why_unusable


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything is installed. Its pip is a stand-in: the real one takes seconds to install."""
    clone = tmp_path_factory.mktemp("a folder") / "clone"
    venv = clone / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], check=True)
    next(venv.glob("lib/python*/site-packages")).joinpath("pip.py").touch()
    (venv / ".installed").touch()
    return clone


@pytest.fixture
def clone(template: Path) -> Iterator[Path]:
    """A copy that may be damaged, in the place of the first."""
    kept = template.with_name("kept")
    shutil.copytree(template, kept, symlinks=True)
    yield template
    shutil.rmtree(template, ignore_errors=True)
    kept.rename(template)


def test_what_is_complete_is_left_as_it_is(clone: Path) -> None:
    assert why_unusable(clone / ".venv", named=False) is None
    assert why_unusable(clone / ".venv", named=True) is None


def remove_stamp(venv: Path) -> None:
    (venv / ".installed").unlink()


def remove_pip(venv: Path) -> None:
    next(venv.glob("lib/python*/site-packages/pip.py")).unlink()


def remove_python(venv: Path) -> None:
    for link in (venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python")


@pytest.mark.parametrize("damage", [remove_stamp, remove_pip, remove_python, shutil.rmtree])
def test_what_was_left_incomplete_or_lost_its_python_is_not_used(clone: Path, damage: Callable[[Path], None]) -> None:
    damage(clone / ".venv")
    assert why_unusable(clone / ".venv", named=False) is not None


def test_a_copy_or_a_moved_folder_does_not_run_the_first_one_s_code(clone: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "copy", clone.with_name("clone-2")):
        shutil.copytree(clone, place, symlinks=True)
        assert why_unusable(place / ".venv", named=False) == "this folder was moved or copied"
        shutil.rmtree(place)


def test_another_python_matters_only_when_the_operator_names_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv, lock, stamp = clone / ".venv", tmp_path / "lock", tmp_path / "stamp"
    lock.write_text("package==1")
    remember(stamp, python_of(venv), lock)
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    monkeypatch.setattr(sys, "version", "3.99.0 (another build)")
    assert why_unusable(venv, named=False) is None
    assert not changed(stamp, python_of(venv), lock)
    assert "PYTHON is 3.99, and" in str(why_unusable(venv, named=True))
    lock.write_text("package==2")
    assert changed(stamp, python_of(venv), lock)
