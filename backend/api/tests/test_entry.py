"""A fault of the machine or of a file is one line, and nothing half-written is left behind."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import entry
from scripts.embedded import Unusable
from scripts.entry import enter
from scripts.env_files import create_env_file
from scripts.paths import ROOT


def ended(main: Callable[[], int | None]) -> object:
    with pytest.raises(SystemExit) as end:
        enter(main)
    return end.value.code


def failing(error: BaseException) -> Callable[[], int]:
    def main() -> int:
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (KeyboardInterrupt(), 130),
        (subprocess.CalledProcessError(7, ["node"]), 7),
        (PermissionError(errno.EACCES, "Permission denied", "frontend/.env"), "frontend/.env: Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", b".data/logs"), ".data/logs: Read-only file system"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (Unusable("Postgres can't run here: move."), "Postgres can't run here: move."),
    ],
)
def test_a_command_that_can_t_go_on_says_why_in_one_line(error: BaseException, end: object) -> None:
    assert ended(failing(error)) == end


def test_the_status_of_a_command_is_the_process_s() -> None:
    assert ended(lambda: 3) == 3
    assert ended(lambda: None) is None


def test_a_file_of_variables_that_is_not_utf_8_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(entry, "ROOT", tmp_path)
    for name in ("FRONTEND", "API"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setattr(entry, name, folder)
    file = tmp_path / "api" / ".env"
    file.write_bytes("MAIL_FROM=Zoë\n".encode("latin-1"))

    def main() -> None:
        file.read_text(encoding="utf-8")

    assert ended(main) == "api/.env: is not UTF-8 (invalid continuation byte at byte 13); save it as UTF-8"


def test_a_full_disk_leaves_no_empty_file_of_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "env.example").write_text("BETTER_AUTH_SECRET=\nPORT=\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tempfile._TemporaryFileWrapper, "flush", full, raising=False)
        with pytest.raises(OSError, match="No space left"):
            create_env_file(tmp_path, {})
    assert [file.name for file in tmp_path.iterdir()] == ["env.example"]

    assert create_env_file(tmp_path, {"PORT": "1"})
    written = tmp_path / ".env"
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.read_text().endswith("\nPORT=1\n")
    assert not create_env_file(tmp_path, {})
    assert {file.name for file in tmp_path.iterdir()} == {".env", "env.example"}


def test_make_passes_on_no_variable_that_leads_past_the_project_s_own_installation(tmp_path: Path) -> None:
    names = ("PYTHONSAFEPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    target = tmp_path / "shown.mk"
    target.write_text("shown: ; @env\n")
    command = ["make", "-f", str(ROOT / "Makefile"), "-f", str(target), "shown"]
    surroundings = {**os.environ, **dict.fromkeys(names, "1"), "PIP_INDEX_URL": "https://mirror.example.com"}
    shown = subprocess.run(command, env=surroundings, check=True, capture_output=True, text=True).stdout
    passed = {line.partition("=")[0] for line in shown.splitlines()}
    assert not passed & {*names}
    assert "PIP_INDEX_URL" in passed
