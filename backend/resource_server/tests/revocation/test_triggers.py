"""Which changes of the identity provider's tables revoke what, by any client; and which do not."""

import psycopg
import pytest

from resource_server.revocation.denylist import COMPACT
from shared_fixtures.postgres import Addresses, install_revocation_feed


def revoked(connection: psycopg.Connection) -> set[str]:
    """Sessions, and users whose tokens of the first version are dead."""
    rows = connection.execute("SELECT coalesce(sid, sub) FROM auth.revocation WHERE min_ver IS NULL OR min_ver > 0")
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM auth.session WHERE id = 's1'", {"s1"}),
        ("DELETE FROM auth.session", {"s1", "s2", "s3"}),
        ("TRUNCATE auth.session", {"s1", "s2", "s3"}),
        ("UPDATE auth.session SET \"expiresAt\" = now() WHERE id = 's1'", {"s1"}),
        ("UPDATE auth.session SET \"expiresAt\" = now() + interval '1 hour' WHERE id = 's1'", {"u1"}),
        ("UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u1'", {"u1"}),
        ("UPDATE auth.\"user\" SET banned = true WHERE id = 'u1'", {"u1", "s1", "s2"}),
        (
            'UPDATE auth."user" SET banned = true',
            {"u1", "u2", "s1", "s2", "s3"},
        ),
        ("UPDATE auth.account SET password = 'second'", {"u2", "s3"}),
        ("UPDATE auth.account SET password = NULL", {"u2", "s3"}),
        ("DELETE FROM auth.account", {"u2", "s3"}),
        ("TRUNCATE auth.account", {"u2", "s3"}),
        ("DELETE FROM auth.\"user\" WHERE id = 'u1'", {"u1", "s1", "s2"}),
        ("DELETE FROM auth.\"user\" WHERE id = 'u2'", {"u2", "s3"}),
        (
            'TRUNCATE auth."user" CASCADE',
            {"u1", "u2", "s1", "s2", "s3"},
        ),
        ("INSERT INTO auth.revocation_version VALUES ('u1', 7)", {"u1"}),
        ("SELECT auth.revoke_user('u1')", {"u1", "s1", "s2"}),
        ("SELECT auth.revoke_all()", {"u1", "u2"}),
    ],
)
def test_revokes(idp: psycopg.Connection, change: str, expected: set[str]) -> None:
    idp.execute(change)
    assert revoked(idp) == expected


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE auth.session SET "expiresAt" = "expiresAt" + interval \'1 day\'',
        'UPDATE auth.session SET "updatedAt" = now(), "ipAddress" = \'::1\'',
        "UPDATE auth.\"user\" SET name = 'Uno', email = 'uno@example.com' WHERE id = 'u1'",
        'UPDATE auth."user" SET role = role, banned = banned',
        "UPDATE auth.account SET \"updatedAt\" = now(), password = 'first'",
        "DELETE FROM auth.session WHERE id = 'unknown'",
    ],
)
def test_leaves_alone(idp: psycopg.Connection, change: str) -> None:
    idp.execute(change)
    assert revoked(idp) == set()


def test_an_expired_session_needs_no_revocation(idp: psycopg.Connection) -> None:
    idp.execute(
        """
        INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
        VALUES ('old', now() - interval '2 hours', 'old', now(), 'u1')
        """
    )
    idp.execute("DELETE FROM auth.session WHERE id = 'old'")
    assert revoked(idp) == set()


def test_a_change_that_is_rolled_back_revokes_nothing(idp: psycopg.Connection) -> None:
    with idp.transaction(force_rollback=True):
        idp.execute("DELETE FROM auth.session")
    assert revoked(idp) == set()


VERSION = "SELECT version FROM auth.revocation_version WHERE user_id = 'u1'"
LAST_VERSION = 2**53 - 1


@pytest.mark.parametrize("written", [0, 1, 7, 2**31 - 1, LAST_VERSION, 2**63 - 1])
def test_every_write_raises_the_version(idp: psycopg.Connection, written: int) -> None:
    versions = [0]
    for _ in range(3):
        idp.execute(
            "INSERT INTO auth.revocation_version VALUES ('u1', %(v)s)"
            " ON CONFLICT (user_id) DO UPDATE SET version = %(v)s",
            {"v": written},
        )
        versions += [version for (version,) in idp.execute(VERSION)]
    assert versions == sorted(set(versions))
    assert versions[-1] < LAST_VERSION


def test_an_imported_version_stays(idp: psycopg.Connection) -> None:
    idp.execute("INSERT INTO auth.revocation_version VALUES ('u1', 7)")
    assert idp.execute(VERSION).fetchone() == (7,)


@pytest.mark.parametrize("kept", ["true", "false"])
def test_tokens_from_after_a_backup_are_revoked_in_the_restored_database(idp: psycopg.Connection, kept: str) -> None:
    def version_raised_at(time: int) -> int:
        idp.execute(
            "CREATE OR REPLACE FUNCTION auth.revocation_next_version() RETURNS bigint LANGUAGE sql"
            f" AS $$ SELECT {time}::bigint $$"
        )
        idp.execute("SELECT auth.revoke_user('u1')")
        ((version,),) = idp.execute(VERSION)
        return int(version)

    backup = version_raised_at(1_000)
    outstanding = [version_raised_at(2_000), version_raised_at(2_000)][-1]
    idp.execute("ALTER TABLE auth.revocation_version DISABLE TRIGGER USER")
    idp.execute("DELETE FROM auth.revocation_version")
    idp.execute(f"INSERT INTO auth.revocation_version SELECT 'u1', %s WHERE {kept}", (backup,))
    idp.execute("ALTER TABLE auth.revocation_version ENABLE TRIGGER USER")
    assert version_raised_at(3_000) > outstanding


def test_a_version_of_today_fits_into_the_table_of_31_bits(idp: psycopg.Connection) -> None:
    idp.execute("SELECT auth.revoke_all()")
    ((version,),) = idp.execute(VERSION)
    assert 0 < version < COMPACT // 10


@pytest.mark.parametrize("change", ["DELETE FROM auth.revocation_version", "TRUNCATE auth.revocation_version"])
def test_versions_are_not_deleted(idp: psycopg.Connection, change: str) -> None:
    idp.execute("SELECT auth.revoke_all()")
    with pytest.raises(psycopg.Error, match="not deleted"):
        idp.execute(change)


def test_a_version_at_its_maximum_does_not_block_other_revocations(idp: psycopg.Connection) -> None:
    idp.execute("ALTER TABLE auth.revocation_version DISABLE TRIGGER USER")
    idp.execute("INSERT INTO auth.revocation_version VALUES ('u1', %s)", (LAST_VERSION,))
    idp.execute("ALTER TABLE auth.revocation_version ENABLE TRIGGER USER")
    idp.execute("SELECT auth.revoke_all()")
    assert revoked(idp) == {"u1", "u2"}
    idp.execute('UPDATE auth."user" SET banned = true')
    assert idp.execute("SELECT count(*) FROM auth.session").fetchone() == (0,)


def test_each_change_in_one_transaction_counts(idp: psycopg.Connection) -> None:
    with idp.transaction():
        idp.execute("UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u1'")
        idp.execute("UPDATE auth.\"user\" SET role = 'user' WHERE id = 'u1'")
    assert idp.execute("SELECT count(DISTINCT min_ver) FROM auth.revocation WHERE sub = 'u1'").fetchone() == (2,)


def test_a_role_with_no_right_on_the_list_still_revokes(database: Addresses, idp: psycopg.Connection) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute("DROP ROLE IF EXISTS support")
        superuser.execute("CREATE ROLE support")
        superuser.execute("GRANT USAGE ON SCHEMA auth TO support; GRANT SELECT, DELETE ON auth.session TO support")
        superuser.execute("SET ROLE support")
        superuser.execute("DELETE FROM auth.session WHERE id = 's1'")
        superuser.execute("RESET ROLE")
        superuser.execute("DROP OWNED BY support; DROP ROLE support")
    assert revoked(idp) == {"s1"}


def test_a_revocation_lasts_as_long_as_a_token_could(idp: psycopg.Connection) -> None:
    idp.execute("UPDATE auth.session SET \"expiresAt\" = now() + interval '3 days' WHERE id = 's1'")
    idp.execute("DELETE FROM auth.session")
    lives = idp.execute(
        "SELECT sid, extract(epoch FROM expires_at - created_at)::int FROM auth.revocation WHERE sid IS NOT NULL"
    )
    longest = 31 * 86_400 + 3_600
    found: dict[str, int] = dict(lives.fetchall())
    assert found["s2"] == found["s3"] == longest
    assert 0 <= 3 * 86_400 + 3_600 - found["s1"] <= 60


def test_expired_revocations_are_deleted_with_the_next_insertion(idp: psycopg.Connection) -> None:
    idp.execute(
        "INSERT INTO auth.revocation (sid, expires_at)"
        " SELECT 'x' || i, now() + interval '1 ms' FROM generate_series(1, 150) i"
    )
    idp.execute("SELECT pg_sleep(0.002)")
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    assert idp.execute("SELECT count(*) FROM auth.revocation").fetchone() == (51,)
    idp.execute("DELETE FROM auth.session WHERE id = 's2'")
    assert revoked(idp) == {"s1", "s2"}


def test_present_objects_are_not_reported_as_missing(database: Addresses) -> None:
    with psycopg.connect(database.api) as api:
        assert api.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []


@pytest.mark.parametrize(
    ("damage", "missing"),
    [
        ("DROP TRIGGER revocation_session_deleted ON auth.session", {"session.revocation_session_deleted"}),
        ('ALTER TABLE auth."user" DISABLE TRIGGER revocation_user_changed', {"user.revocation_user_changed"}),
        (
            "DROP TABLE auth.account",
            {
                "account.revocation_password_changed",
                "account.revocation_password_changing",
                "account.revocation_password_deleted",
                "account.revocation_passwords_truncated",
            },
        ),
        (
            "DROP FUNCTION auth.revocation_session_opening CASCADE",
            {"session.revocation_session_opening", "revocation_session_opening()"},
        ),
        (
            "CREATE OR REPLACE FUNCTION auth.revocation_session_deleted() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$",
            {"revocation_session_deleted()"},
        ),
        ("GRANT EXECUTE ON FUNCTION auth.revoke_all() TO PUBLIC", {"revoke_all()"}),
    ],
)
def test_missing_and_altered_objects_are_named(
    database: Addresses, idp: psycopg.Connection, damage: str, missing: set[str]
) -> None:
    idp.execute(damage)
    with psycopg.connect(database.api) as api:
        assert {name for (name,) in api.execute("SELECT auth.missing_revocation_triggers()")} == missing


def test_installing_again_repairs_what_is_missing_or_was_altered(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute("DROP TRIGGER revocation_session_deleted ON auth.session")
    idp.execute('ALTER TABLE auth."user" DISABLE TRIGGER revocation_user_changed')
    idp.execute("GRANT EXECUTE ON FUNCTION auth.revoke_all() TO PUBLIC")
    idp.execute(
        "CREATE OR REPLACE FUNCTION auth.revocation_version_raised() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NULL; END $$"
    )
    install_revocation_feed(database.owner)
    assert idp.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []
    idp.execute("UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u1'")
    assert revoked(idp) == {"u1"}
