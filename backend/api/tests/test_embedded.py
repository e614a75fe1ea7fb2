"""The embedded Postgres starts in any folder, on any terminal, and lets in nobody but the user who runs it."""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from scripts import embedded
from scripts.database import embedded_database
from scripts.embedded import Holders, Unusable, embedded_server, let_pass, private_folder, temporary_folder
from scripts.stack.isolated import short_lived_folder


def is_private(folder: Path) -> bool:
    return any(not stat.S_IMODE(step.stat().st_mode) & 0o077 for step in (folder, *folder.parents))


@contextmanager
def made_private(folder: Path) -> Iterator[Path]:
    folder.mkdir(mode=0o700)
    yield folder


def test_a_folder_with_a_long_and_odd_name_and_a_locale_that_is_not_installed_are_no_hindrance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor is one that its owner alone may enter. And the socket is then elsewhere, where no other user may go."""
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    with (
        short_lived_folder() as folder,
        made_private(folder / f"Bob's ({'long ' * 20})") as odd,
        embedded_database(odd / "data") as urls,
    ):
        with psycopg.connect(urls.owner) as connection:
            assert connection.execute("SELECT current_user, getdatabaseencoding()").fetchone() == ("idp", "UTF8")
        assert is_private(Path(parse_qs(urlsplit(urls.owner).query)["host"][0]))
        handle = embedded_server(odd / "data")
        assert handle.lock_path.exists()
        assert is_private(handle.lock_path.parent)
    assert os.environ["LC_ALL"] == "xx_XX.UTF-8"


def test_a_folder_that_others_made_or_may_enter_holds_no_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(embedded, "temporary_folder", lambda: tmp_path)
    folder = private_folder(os.geteuid())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert private_folder(os.geteuid()) == folder
    folder.chmod(0o755)
    with pytest.raises(Unusable, match="isn't yours alone"):
        private_folder(os.geteuid())
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    with pytest.raises(Unusable, match="isn't yours alone"):
        private_folder(os.geteuid())


@pytest.mark.parametrize("name", ["/tmp/with space", "/tmp/" + "long" * 20])  # noqa: S108
def test_a_tmpdir_that_is_no_place_for_a_socket_is_not_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(tempfile, "tempdir", name)
    assert temporary_folder() == Path("/tmp")  # noqa: S108


@pytest.mark.parametrize("name", ['a"b', "a$b", "a`b", "a\\b"])
def test_a_name_that_a_shell_would_read_otherwise_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unusable, match="can't hold a database: rename"):
        embedded_server(tmp_path / name)


def test_root_s_server_is_let_through_private_folders_and_may_list_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "home"
    data = closed / "clone" / "data"
    data.mkdir(parents=True)
    closed.chmod(0o700)
    let_pass(data)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o711
    assert f"pass {closed} (chmod go+x)" in capsys.readouterr().err
    let_pass(data)
    assert capsys.readouterr().err == ""


def test_a_process_that_was_killed_or_whose_number_was_given_again_holds_no_server(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file.write_text(json.dumps([ended.pid, os.getpid()]))
    assert Holders(file).get_and_remove(os.getpid()) == [os.getpid()]

    file.write_text(json.dumps([os.getppid()]))
    os.utime(file, (1, 1))
    assert Holders(file).get_and_add(os.getpid()) == []
    assert json.loads(file.read_text()) == [os.getpid()]


def test_a_list_of_holders_that_was_cut_short_is_an_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    file.write_text("[12, ")
    assert Holders(file).get_and_add(os.getpid()) == []
