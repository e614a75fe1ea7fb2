"""The API's role in a database of the operator's: its password is made once, kept, and never taken from others."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from scripts import database, paths, remembered
from scripts.database import DatabaseUrls, configured_urls
from scripts.database_address import Misconfigured
from scripts.roles import provision
from shared_fixtures.postgres import Addresses, as_role, new_database

ROLE = "api_of_clones"
Clone = Callable[[str], None]


@pytest.fixture(scope="module")
def databases(postgres_server: str) -> list[Addresses]:
    """Two of one server, which asks the API's role for its password."""
    made = [new_database(postgres_server, name) for name in ("of_clones", "of_clones_too")]
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        rules.write_text(f"local all {ROLE} scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    return made


@pytest.fixture
def clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clone:
    """Goes to a clone of this repository, by name."""
    monkeypatch.setattr(remembered, "API_ROLE", ROLE)
    monkeypatch.setattr(database, "web_values", dict)
    monkeypatch.setattr(database, "api_values", dict)
    return lambda name: monkeypatch.setattr(paths, "DATA", tmp_path / name)


@pytest.fixture(autouse=True)
def without_the_role(databases: list[Addresses]) -> None:
    with psycopg.connect(databases[0].owner, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}")


def urls_for(owner: str, **environment: str) -> DatabaseUrls:
    urls = configured_urls({"DATABASE_URL": owner, **environment})
    assert urls is not None
    return urls


def provisioned(owner: str, **environment: str) -> str:
    """The API's address after the migration's first step."""
    urls = urls_for(owner, **environment)
    with psycopg.connect(urls.owner_direct, autocommit=True) as connection:
        provision(connection, urls.api, made_here=urls.api_made_here)
    return urls.api


def admits(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_clone_that_does_not_know_the_password_leaves_it_to_those_that_do(
    databases: list[Addresses], clone: Clone
) -> None:
    clone("first")
    first = provisioned(databases[0].owner)
    clone("second")
    for addresses in databases:
        with pytest.raises(Misconfigured, match=f"^Role {ROLE} exists, .*: put its address into DATABASE_URL of backe"):
            provisioned(addresses.owner)
        assert admits(first)
    assert provisioned(databases[0].owner, API_DATABASE_URL=first) == first
    assert admits(first)


def test_a_clone_goes_on_with_the_password_that_it_made(databases: list[Addresses], clone: Clone) -> None:
    clone("first")
    first, again, other = (provisioned(databases[number].owner) for number in (0, 0, 1))
    assert first == again
    assert urlsplit(first).password == urlsplit(other).password
    assert admits(first)
    assert admits(other)


def test_the_operator_s_password_becomes_the_role_s(databases: list[Addresses], clone: Clone) -> None:
    clone("first")
    former = provisioned(databases[0].owner)
    given = as_role(databases[0].owner, f"{ROLE}:p%40ss")
    assert provisioned(databases[0].owner, API_DATABASE_URL=given) == given
    assert admits(given)
    assert not admits(former)


def test_nothing_is_kept_or_said_before_the_role_is_made(
    databases: list[Addresses], clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    clone("first")
    urls_for(databases[0].owner)
    assert not paths.DATA.exists()
    assert capsys.readouterr().out == ""
    api = provisioned(databases[0].owner)
    (kept,) = paths.DATA.iterdir()
    assert (kept.read_text().strip(), kept.stat().st_mode & 0o077) == (api, 0)
    assert f".data/{kept.name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("owner", "known"),
    [
        ("postgresql://owner:a@127.0.0.1:5432/notes", True),
        ("postgresql://other@localhost/another", True),
        ("postgresql://owner@localhost:5433/notes", False),
        ("postgresql://owner@db.example.com/notes", False),
    ],
)
def test_a_password_is_known_for_the_server_however_it_is_written(clone: Clone, owner: str, known: bool) -> None:
    clone("first")
    remembered.remember("postgresql://api:made-here@localhost/notes")
    assert (urlsplit(urls_for(owner).api).password == "made-here") is known
