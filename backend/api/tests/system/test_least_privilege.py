"""The API's database role reads the revocations and nothing else of the identity provider's."""

import psycopg
import pytest

from scripts.migrate import migrate
from scripts.stack.isolated import SECRET, RunningStack
from shared_fixtures.privileges import OF_EVERYBODY, OF_THE_API, privileges

SECRETS = ["account", "session", "jwks", "user", "verification", "auditEvent", "rateLimit"]


@pytest.mark.parametrize("table", SECRETS)
def test_the_api_cannot_read(stack: RunningStack, table: str) -> None:
    with psycopg.connect(stack.urls.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f'SELECT * FROM auth."{table}"')


def test_the_api_reads_revocations_but_cannot_write_them(stack: RunningStack) -> None:
    with psycopg.connect(stack.urls.api) as connection:
        connection.execute("SELECT * FROM auth.revocation")
    with psycopg.connect(stack.urls.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM auth.revocation")


def test_the_api_cannot_revoke_everything_or_make_tables(stack: RunningStack) -> None:
    for statement in (
        "SELECT auth.revoke_all()",
        "CREATE TABLE app.mine ()",
        "CREATE TABLE auth.mine ()",
        "CREATE TEMP TABLE mine ()",
    ):
        with psycopg.connect(stack.urls.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_migrating_again_changes_nothing(stack: RunningStack) -> None:
    environment = {**stack.services["web"].environment, "BETTER_AUTH_SECRET": SECRET}
    with psycopg.connect(stack.urls.owner) as connection:
        before = connection.execute("SELECT count(*), max(id) FROM auth.jwks").fetchone()
    migrate(stack.urls, environment)
    with psycopg.connect(stack.urls.owner) as connection:
        after = connection.execute("SELECT count(*), max(id) FROM auth.jwks").fetchone()
        grants = connection.execute("SELECT has_table_privilege('api', 'app.note', 'INSERT')").fetchone()
    assert before == after
    assert grants == (True,)


def test_the_catalog_grants_the_api_this_and_nothing_else(stack: RunningStack) -> None:
    with psycopg.connect(stack.urls.owner) as connection:
        assert privileges(connection, "api") == OF_THE_API | OF_EVERYBODY


def test_a_role_that_may_connect_may_do_nothing_else(stack: RunningStack) -> None:
    with psycopg.connect(stack.urls.owner) as connection:
        connection.execute("CREATE ROLE somebody_else")
        assert privileges(connection, "somebody_else") == OF_EVERYBODY
        connection.rollback()
