"""The database: an embedded Postgres when none is configured, roles and schemas in either case."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from scripts.database_address import NO_ADDRESS, Misconfigured, parts_of, unpooled
from scripts.embedded import embedded_server
from scripts.env_values import api_values, web_values
from scripts.paths import DATA
from scripts.remembered import API_ROLE, api_url_beside

OWNER_ROLE = "idp"
DATABASE = "app"
LOCK = 4_021_986_113
CONNECT_PATIENCE = 15.0
OF_A_DATABASE = (
    "DATABASE_URL",
    "DATABASE_URL_OWNER",
    "DATABASE_URL_UNPOOLED",
    "API_DATABASE_URL",
    "API_DATABASE_URL_UNPOOLED",
)
"""Variables that hold an address of the database; each process is given its own under the first names."""


@dataclass(frozen=True)
class DatabaseUrls:
    """Postgres URLs: `owner` for the identity provider and migrations, `api` for the API.

    The direct ones reach past a pooler; where they are not given, they follow from the others as Neon names them.
    """

    owner: str
    api: str
    given_owner_direct: str | None = None
    given_api_direct: str | None = None
    api_made_here: bool = field(default=False, kw_only=True)
    """No operator gave the API's: it is the one that was made with the role, or will be."""

    @property
    def owner_direct(self) -> str:
        return self.given_owner_direct or unpooled(self.owner)

    @property
    def api_direct(self) -> str:
        return self.given_api_direct or unpooled(self.api)


def configured_urls(environment: Mapping[str, str]) -> DatabaseUrls | None:
    """The URLs that the user has set, in the environment or the `.env` files; nothing for the embedded database.

    Raises Misconfigured.
    """
    owner = environment.get("DATABASE_URL") or web_values().get("DATABASE_URL")
    if not owner:
        return None
    of_api = api_values()
    api = environment.get("API_DATABASE_URL") or of_api.get("DATABASE_URL")
    direct = None if environment.get("API_DATABASE_URL") else of_api.get("DATABASE_URL_UNPOOLED")
    given = {
        "DATABASE_URL": owner,
        "API_DATABASE_URL, or DATABASE_URL of the API,": api,
        "DATABASE_URL_OWNER": environment.get("DATABASE_URL_OWNER") or of_api.get("DATABASE_URL_OWNER"),
        "DATABASE_URL_UNPOOLED of the API": environment.get("API_DATABASE_URL_UNPOOLED") or direct,
    }
    for variable, url in given.items():
        if url:
            parts_of(url, variable)
    _, _, owner_direct, api_direct = given.values()
    return DatabaseUrls(
        owner, api or api_url_beside(owner), owner_direct or None, api_direct or None, api_made_here=not api
    )


@contextmanager
def embedded_database(folder: Path, settings: Sequence[str] = ()) -> Iterator[DatabaseUrls]:
    """A Postgres 18 of our own on a Unix socket, its data in `folder`; stopped when the last user leaves."""
    server = embedded_server(folder, settings)
    try:
        superuser = server.get_uri()
        with psycopg.connect(superuser, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER_ROLE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER_ROLE)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)))
        query = urlsplit(superuser).query
        yield DatabaseUrls(*(f"postgresql://{role}@/{DATABASE}?{query}" for role in (OWNER_ROLE, API_ROLE)))
    finally:
        server.cleanup()


@contextmanager
def running_database(environment: Mapping[str, str] = os.environ) -> Iterator[DatabaseUrls]:
    """The configured database, or else the embedded one, for as long as the block runs."""
    urls = configured_urls(environment)
    if urls is not None:
        yield urls
        return
    with embedded_database(DATA / "postgres") as embedded:
        yield embedded


def connect(url: str) -> psycopg.Connection:
    """Connects, in autocommit mode; a database that is still starting (Neon's cold start) is waited for."""
    deadline = time.monotonic() + CONNECT_PATIENCE
    while True:
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or "password authentication failed" in str(error):
                raise
            time.sleep(0.5)


def why(error: psycopg.Error) -> str:
    """The error in one line for an operator, without a password."""
    if isinstance(error, Misconfigured):
        return str(error)
    said = str(error).splitlines()[0]
    if isinstance(error, psycopg.OperationalError):
        return f"DATABASE_URL can't be reached: {said}"
    if error.sqlstate is None:
        return f"DATABASE_URL {NO_ADDRESS}"
    return " ".join(
        filter(None, (f"The database refuses: {said}.", error.diag.message_detail, error.diag.message_hint))
    )


@contextmanager
def migration_lock(url: str) -> Iterator[psycopg.Connection]:
    """A connection that holds the one lock on migrations, so that two machines take turns."""
    with connect(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection
