"""Brings the database up to date: roles, Better Auth's tables, the first signing key, the API's tables."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg
from dotenv import dotenv_values
from psycopg import sql

from scripts.database import DatabaseUrls, api_role, migration_lock, provision, running_database
from scripts.paths import API, BIN, FRONTEND, NODE


def migrate(urls: DatabaseUrls, environment: Mapping[str, str] = os.environ) -> None:
    """Safe to run twice, and from two machines at once.

    Raises:
        subprocess.CalledProcessError: a migrator failed; it has said why.
        psycopg.Error: the database could not be reached or refused.
    """
    shared = {**environment, "PATH": f"{BIN}:{environment.get('PATH', '')}"}
    with migration_lock(urls.owner_direct) as connection:
        provision(connection, urls.api)
        node = [str(NODE), "--env-file-if-exists=.env", "scripts/migrate.ts"]
        subprocess.run(node, cwd=FRONTEND, env={**shared, "DATABASE_URL": urls.owner_direct}, check=True)
        alembic = [str(BIN / "alembic"), "upgrade", "head"]
        owner = {"DATABASE_URL_OWNER": urls.owner_direct, "API_DATABASE_ROLE": api_role(urls.api)}
        subprocess.run(alembic, cwd=API, env={**shared, **owner}, check=True)
        repair_triggers(connection)
        keep_revocations(connection, access_token_lifetime(environment))


def repair_triggers(connection: psycopg.Connection) -> None:
    """Puts the revocation triggers back if something has dropped them, such as a table that was made anew."""
    if connection.execute("SELECT auth.missing_revocation_triggers()").fetchone() is not None:
        connection.execute((API / "migrations" / "sql" / "revocation.sql").read_bytes())
        print("auth: the revocation triggers were missing and are back")


def access_token_lifetime(environment: Mapping[str, str]) -> int:
    """Seconds, as the identity provider is configured."""
    configured = environment.get("ACCESS_TOKEN_LIFETIME") or dotenv_values(FRONTEND / ".env").get(
        "ACCESS_TOKEN_LIFETIME"
    )
    return int(configured or 30 * 86_400)


def keep_revocations(connection: psycopg.Connection, lifetime: int) -> None:
    """Makes each revocation last as long as the longest token that it can concern; never shorter than before."""
    connection.execute(
        sql.SQL(
            "DO $do$ BEGIN IF auth.max_token_life() < make_interval(secs => {0}) + auth.token_margin() THEN "
            "CREATE OR REPLACE FUNCTION auth.max_token_life() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE "
            "RETURN make_interval(secs => {0}) + auth.token_margin(); END IF; END $do$"
        ).format(sql.Literal(lifetime))
    )


if __name__ == "__main__":
    try:
        with running_database() as database_urls:
            migrate(database_urls)
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
    except psycopg.OperationalError as failure:
        sys.exit(f"DATABASE_URL can't be reached: {str(failure).splitlines()[0]}")
