"""The tests' copy of the identity provider's tables is what its own migrator makes."""

import subprocess
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from scripts.paths import FRONTEND, RUN_SOURCE
from scripts.roles import provision
from scripts.stack.isolated import isolated_environment
from scripts.stack.processes import Ports
from shared_fixtures.postgres import AUTH_SCHEMA, as_role, install_revocation_feed, new_database

COLUMNS = """
    SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = c.oid AND adnum = a.attnum)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'auth'::regnamespace AND contype IN ('p', 'u', 'f')
"""


def shape(address: str) -> set[tuple[object, ...]]:
    """The columns of each table in schema auth, and its keys."""
    with psycopg.connect(address) as connection:
        connection.execute("SET search_path = pg_catalog")
        return {*connection.execute(COLUMNS), *connection.execute(CONSTRAINTS)}


@pytest.fixture(scope="module")
def migrated(postgres_server: str) -> str:
    """The owner's address of an empty database after the identity provider's own migrator."""
    new_database(postgres_server, "drift_roles")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE drift_migrated OWNER idp")
    owner = as_role(urlunsplit(urlsplit(postgres_server)._replace(path="/drift_migrated")), "idp")
    with psycopg.connect(owner, autocommit=True) as connection:
        provision(connection, as_role(owner, "api"))
    environment = isolated_environment(Ports(), {"DATABASE_URL": owner})
    command = [*RUN_SOURCE, "scripts/migrate.ts", "api"]
    ran = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return owner


def test_the_copy_has_the_columns_and_keys_that_the_migrator_makes(postgres_server: str, migrated: str) -> None:
    copied = new_database(postgres_server, "drift_copied").owner
    install_revocation_feed(copied)
    assert shape(migrated) - shape(copied) == set(), f"add this to {AUTH_SCHEMA.name}"
    assert shape(copied) - shape(migrated) == set(), f"take this out of {AUTH_SCHEMA.name}"
