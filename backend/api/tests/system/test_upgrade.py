"""`make migrate` brings a database of the first release up to date, whatever has been done to it meanwhile."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from scripts.database import DatabaseUrls, embedded_database
from scripts.migrate import migrate
from scripts.paths import LIBRARY
from scripts.stack.isolated import isolated_environment
from scripts.stack.processes import Ports
from shared_fixtures.privileges import OF_EVERYBODY, OF_THE_API, privileges

FIRST_RELEASE = LIBRARY / "tests/revocation/databases/first_release.sql"
PEOPLE = """
    INSERT INTO auth."user" (id, name, email, "emailVerified", "tokenVersion")
        SELECT id, id, id || '@example.com', true, version
        FROM (VALUES ('new', 0), ('none', NULL), ('changed', 5), ('last', 2147483647)) AS _ (id, version);
    INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
        SELECT 's-' || id, now() + interval '45 days', id, now(), id FROM auth."user";
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, "updatedAt")
        SELECT id, id, 'credential', id, 'hash of ' || id, now() FROM auth."user";
    UPDATE auth."user" SET role = 'admin' WHERE id = 'changed';
    DELETE FROM auth.session WHERE id = 's-none';
"""
AS_IT_WAS_GRANTED = """
    CREATE SCHEMA app;
    CREATE TABLE app.alembic_version (version_num varchar(32) PRIMARY KEY);
    INSERT INTO app.alembic_version VALUES ('0003');
    CREATE TABLE app.note (id uuid PRIMARY KEY, owner_id text NOT NULL, title varchar(200) NOT NULL,
        body varchar(10000) NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        version integer NOT NULL);
    GRANT USAGE ON SCHEMA app TO api;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO api;
    ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO api;
"""


@pytest.fixture
def urls(folder: Path) -> Iterator[DatabaseUrls]:
    """Of a database of the first release, in use."""
    with embedded_database(folder / "postgres") as urls:
        with psycopg.connect(urls.owner, autocommit=True) as owner:
            owner.execute("CREATE ROLE api LOGIN")
            for statements in (FIRST_RELEASE.read_text(), AS_IT_WAS_GRANTED, PEOPLE):
                owner.execute(statements.encode())
        yield urls


def run(urls: DatabaseUrls, **environment: str) -> None:
    migrate(urls, isolated_environment(Ports(), environment))


def test_versions_sessions_and_revocations_are_kept(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        before = owner.execute("SELECT sid, sub, min_ver FROM auth.revocation ORDER BY id").fetchall()
        cursor = owner.execute("SELECT cursor FROM auth.revocations_after(NULL)").fetchone()
    assert before == [(None, "changed", 6), ("s-none", None, None)]

    for _ in range(2):
        run(urls)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        assert owner.execute("SELECT sid, sub, min_ver FROM auth.revocation ORDER BY id").fetchall() == before
        versions = owner.execute("SELECT user_id, version FROM auth.revocation_version ORDER BY version").fetchall()
        assert versions == [("changed", 6), ("last", 2_147_483_647)]
        assert owner.execute("SELECT count(*) FROM auth.session").fetchone() == (3,)
        owner.execute("SELECT auth.revoke_all()")
        raised = owner.execute("SELECT reset, subs, sub_min_vers FROM auth.revocations_after(%s)", cursor).fetchone()
        assert raised is not None
        reset, subjects, lowest = raised
    assert not reset, "who followed before goes on"
    before_all = {"new": 0, "none": 0, "changed": 6, "last": 2_147_483_647}
    assert all(version > before_all.pop(subject) for subject, version in zip(subjects, lowest, strict=True))
    assert not before_all


def test_the_triggers_and_grants_are_those_of_a_new_database(urls: DatabaseUrls) -> None:
    run(urls)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        functions = owner.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'auth'::regnamespace").fetchall()
        assert [name for (name,) in functions if "revo" not in name] == ["session_must_end"]
        assert owner.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []
        assert privileges(owner, "api") == OF_THE_API | OF_EVERYBODY
        owner.execute("CREATE TABLE app.later (); CREATE FUNCTION auth.later() RETURNS int LANGUAGE sql RETURN 1")
        assert privileges(owner, "api") == OF_THE_API | OF_EVERYBODY, "what is made later is not theirs either"


def test_what_was_altered_is_repaired_by_the_next_run(urls: DatabaseUrls) -> None:
    run(urls)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION auth.revocation_session_deleted() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$"
        )
        owner.execute("GRANT UPDATE ON app.alembic_version TO api")
        damaged = owner.execute("SELECT auth.missing_revocation_triggers()").fetchall()
        assert damaged == [("revocation_session_deleted()",)]
    run(urls)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        assert owner.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []
        assert privileges(owner, "api") == OF_THE_API | OF_EVERYBODY


def test_revocations_are_kept_as_long_as_the_longest_token_ever(urls: DatabaseUrls) -> None:
    for lifetime in ("86400", "3456000", "86400"):
        run(urls, ACCESS_TOKEN_LIFETIME=lifetime, SESSION_LIFETIME="6912000", JWKS_GRACE_PERIOD="6912000")
    with psycopg.connect(urls.owner) as owner:
        kept = owner.execute("SELECT extract(epoch FROM auth.revocation_token_life())::int").fetchone()
    assert kept == (3_456_000 + 3_600,)


@pytest.mark.long
def test_a_table_that_is_locked_for_long_is_a_failure_that_changes_nothing(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner) as busy:
        busy.execute("LOCK TABLE auth.session IN ROW EXCLUSIVE MODE")
        with pytest.raises(subprocess.CalledProcessError):
            run(urls)
    with psycopg.connect(urls.owner) as owner:
        assert owner.execute("SELECT to_regclass('auth.revocation_version')").fetchone() == (None,)
