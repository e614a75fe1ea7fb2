"""What is revoked by which change of the identity provider's tables, whoever makes it; and what is not."""

import psycopg
import pytest

from shared_fixtures.postgres import API, Addresses

GONE = 2**31 - 1
SQL_FILE = API / "migrations/sql/revocation.sql"

Revoked = set[tuple[str, int | None]]


def revoked(connection: psycopg.Connection) -> Revoked:
    """Session ids, and users with the lowest version that is alive."""
    rows = connection.execute("SELECT coalesce(sid, sub), max(min_ver) FROM auth.revocation GROUP BY sid, sub")
    return set(rows.fetchall())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM auth.session WHERE id = 's1'", {("s1", None)}),
        ("DELETE FROM auth.session", {("s1", None), ("s2", None), ("s3", None)}),
        ("TRUNCATE auth.session", {("s1", None), ("s2", None), ("s3", None)}),
        ("UPDATE auth.session SET \"expiresAt\" = now() WHERE id = 's1'", {("s1", None)}),
        ("UPDATE auth.session SET \"expiresAt\" = now() + interval '1 hour' WHERE id = 's1'", {("u1", 1)}),
        ("UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u1'", {("u1", 1)}),
        ("UPDATE auth.\"user\" SET banned = true WHERE id = 'u1'", {("u1", 1)}),
        ('UPDATE auth."user" SET banned = true', {("u1", 1), ("u2", 1)}),
        ('UPDATE auth."user" SET "tokenVersion" = 7 WHERE id = \'u1\'', {("u1", 7)}),
        ("UPDATE auth.\"user\" SET role = 'admin', \"tokenVersion\" = 7 WHERE id = 'u1'", {("u1", 7)}),
        ("UPDATE auth.account SET password = 'second'", {("u2", 1)}),
        ("UPDATE auth.account SET password = NULL", {("u2", 1)}),
        ("DELETE FROM auth.\"user\" WHERE id = 'u1'", {("u1", GONE), ("s1", None), ("s2", None)}),
        (
            'TRUNCATE auth."user" CASCADE',
            {("u1", GONE), ("u2", GONE), ("s1", None), ("s2", None), ("s3", None)},
        ),
        ("SELECT auth.revoke_all()", {("u1", 1), ("u2", 1)}),
    ],
)
def test_revokes(idp: psycopg.Connection, change: str, expected: Revoked) -> None:
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
        "DELETE FROM auth.account",
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


@pytest.mark.parametrize("lower", [3, None])
def test_versions_only_rise(idp: psycopg.Connection, lower: int | None) -> None:
    change = 'UPDATE auth."user" SET "tokenVersion" = %s WHERE id = \'u1\' RETURNING "tokenVersion"'
    assert idp.execute(change, (5,)).fetchone() == (5,)
    assert idp.execute(change, (lower,)).fetchone() == (5,)


def test_a_change_of_rights_that_lowers_the_version_raises_it(idp: psycopg.Connection) -> None:
    idp.execute('UPDATE auth."user" SET "tokenVersion" = 5 WHERE id = \'u1\'')
    idp.execute("UPDATE auth.\"user\" SET role = 'admin', \"tokenVersion\" = 1 WHERE id = 'u1'")
    assert revoked(idp) == {("u1", 6)}


def test_each_change_in_one_transaction_counts(idp: psycopg.Connection) -> None:
    with idp.transaction():
        idp.execute("UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u1'")
        idp.execute("UPDATE auth.\"user\" SET banned = true WHERE id = 'u1'")
    assert revoked(idp) == {("u1", 2)}


def test_a_role_with_no_right_on_the_list_still_revokes(database: Addresses, idp: psycopg.Connection) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute("DROP ROLE IF EXISTS support")
        superuser.execute("CREATE ROLE support")
        superuser.execute("GRANT USAGE ON SCHEMA auth TO support; GRANT SELECT, DELETE ON auth.session TO support")
        superuser.execute("SET ROLE support")
        superuser.execute("DELETE FROM auth.session WHERE id = 's1'")
        superuser.execute("RESET ROLE")
        superuser.execute("DROP OWNED BY support; DROP ROLE support")
    assert revoked(idp) == {("s1", None)}


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


def test_expired_revocations_go_with_the_next_ones(idp: psycopg.Connection) -> None:
    idp.execute(
        "INSERT INTO auth.revocation (sid, expires_at)"
        " SELECT 'x' || i, now() + interval '1 ms' FROM generate_series(1, 150) i"
    )
    idp.execute("SELECT pg_sleep(0.002)")
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    assert idp.execute("SELECT count(*) FROM auth.revocation").fetchone() == (51,)
    idp.execute("DELETE FROM auth.session WHERE id = 's2'")
    assert revoked(idp) == {("s1", None), ("s2", None)}


def test_triggers_that_are_there_are_not_missed(database: Addresses) -> None:
    with psycopg.connect(database.api) as api:
        assert api.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []


@pytest.mark.parametrize(
    ("damage", "missing"),
    [
        ("DROP TRIGGER revocation_session_deleted ON auth.session", {"session.revocation_session_deleted"}),
        ('ALTER TABLE auth."user" DISABLE TRIGGER revocation_user_changed', {"user.revocation_user_changed"}),
        ("DROP TABLE auth.account", {"account.revocation_password_changed"}),
    ],
)
def test_a_missing_trigger_is_named(
    database: Addresses, idp: psycopg.Connection, damage: str, missing: set[str]
) -> None:
    idp.execute(damage)
    with psycopg.connect(database.api) as api:
        assert {name for (name,) in api.execute("SELECT auth.missing_revocation_triggers()")} == missing


def test_running_the_file_again_mends_what_is_missing(idp: psycopg.Connection) -> None:
    idp.execute("DROP TRIGGER revocation_session_deleted ON auth.session")
    idp.execute('ALTER TABLE auth."user" DISABLE TRIGGER revocation_user_changed')
    idp.execute(SQL_FILE.read_bytes())
    assert idp.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []
