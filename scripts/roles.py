"""Schemas and the API's role in the database: its password, and what it may do."""

from urllib.parse import unquote

import psycopg
from psycopg import sql

from scripts.database_address import Misconfigured, parts_of, unpooled
from scripts.remembered import API_ROLE, remember


def api_role(api_url: str) -> str:
    return unquote(parts_of(api_url).username or API_ROLE)


def provision(connection: psycopg.Connection, api_url: str, *, made_here: bool = False) -> bool:
    """Creates the schemas and the API's role; changes nothing that is right already.

    `made_here`: no operator gave `api_url`. Returns whether the API has a role of its own. Raises Misconfigured.
    """
    owner = connection.execute("SELECT current_user").fetchone()
    separate = owner is None or owner[0] != api_role(api_url)
    if separate:
        set_up_role(connection, api_url, made_here=made_here)
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


def set_up_role(connection: psycopg.Connection, api_url: str, *, made_here: bool) -> None:
    """Creates the role, or sets the password that the operator gave; that of others is never replaced."""
    role, password = api_role(api_url), parts_of(api_url).password
    name = sql.Identifier(role)
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        with connection.transaction():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            set_password(connection, name, password)
            kept = remember(api_url) if made_here else None
        if kept:
            print(f"Made role {role} for the API; its address is in .data/{kept.name}")
    elif made_here:
        assert_admitted(api_url, role)
    else:
        set_password(connection, name, password)


def set_password(connection: psycopg.Connection, name: sql.Identifier, password: str | None) -> None:
    if password is not None:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(unquote(password))))


def assert_admitted(api_url: str, role: str) -> None:
    """Raises Misconfigured where the password that is known here is not the role's: others may be using that."""
    try:
        psycopg.connect(unpooled(api_url), connect_timeout=10).close()
    except psycopg.OperationalError:
        raise Misconfigured(
            f"Role {role} exists, and no password that is known here lets it in: put its address into DATABASE_URL of"
            " backend/api/.env (or API_DATABASE_URL); an address with another password there changes the role's"
        ) from None
