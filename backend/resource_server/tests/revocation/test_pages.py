"""Reading the list page by page: nothing is missed, whatever the order in which transactions commit."""

from dataclasses import dataclass

import psycopg
import pytest

from shared_fixtures.postgres import Addresses


@dataclass
class Run:
    """What was read up to a complete page."""

    cursor: str
    found: list[str]
    pages: int
    reset: bool


def read(connection: psycopg.Connection, after: str | None = None, page: int = 100) -> Run:
    run = Run(cursor=after or "", found=[], pages=0, reset=False)
    complete = False
    while not complete:
        row = connection.execute(
            "SELECT cursor, reset, complete, sids || subs FROM auth.revocations_after(%s, %s)", (after, page)
        ).fetchone()
        assert row is not None
        after, reset, complete, found = row
        run.cursor = row[0]
        run.found += found
        run.pages += 1
        run.reset |= reset
    return run


def revoke(connection: psycopg.Connection, *sids: str) -> None:
    for sid in sids:
        connection.execute(
            "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')", (sid,)
        )


def test_the_first_run_has_all_and_later_runs_only_the_changes(idp: psycopg.Connection) -> None:
    revoke(idp, "a", "b")
    first = read(idp)
    assert (first.reset, first.found) == (True, ["a", "b"])
    assert read(idp, first.cursor).found == []
    revoke(idp, "c")
    second = read(idp, first.cursor)
    assert (second.reset, second.found) == (False, ["c"])


def test_a_transaction_that_commits_late_is_found(database: Addresses, idp: psycopg.Connection) -> None:
    with psycopg.connect(database.owner) as late:
        revoke(late, "late")
        revoke(idp, "early")
        first = read(idp)
        assert first.found == ["early"]
        greatest_id_seen = idp.execute("SELECT max(id) FROM auth.revocation").fetchone()
        late.commit()
    assert read(idp, first.cursor).found == ["late"]
    by_serial = idp.execute("SELECT sid FROM auth.revocation WHERE id > %s", greatest_id_seen)
    assert by_serial.fetchall() == [], "a cursor on the serial number would have missed it"


def test_what_was_read_is_not_read_again_while_an_older_transaction_lasts(
    database: Addresses, idp: psycopg.Connection
) -> None:
    with psycopg.connect(database.owner) as long:
        revoke(long, "long")
        revoke(idp, "a")
        first = read(idp)
        revoke(idp, "b")
        second = read(idp, first.cursor)
        assert (first.found, second.found) == (["a"], ["b"])
        long.commit()
    assert read(idp, second.cursor).found == ["long"]


@pytest.mark.parametrize("number", [0, 1, 3, 4, 7])
def test_pages_hold_each_revocation_once(idp: psycopg.Connection, number: int) -> None:
    start = read(idp).cursor
    sids = [f"s{i}" for i in range(number)]
    revoke(idp, *sids)
    for after in (None, start):
        run = read(idp, after, page=3)
        assert sorted(run.found) == sids
        assert run.pages == number // 3 + 1


def test_one_big_transaction_is_paged(idp: psycopg.Connection) -> None:
    start = read(idp).cursor
    idp.execute(
        "INSERT INTO auth.revocation (sub, min_ver, expires_at)"
        " SELECT 'u' || i, 1, now() + interval '1 day' FROM generate_series(1, 250) i"
    )
    run = read(idp, start)
    assert (len(set(run.found)), len(run.found), run.pages) == (250, 250, 3)


def test_what_commits_between_two_pages_is_in_this_run_or_the_next(
    database: Addresses, idp: psycopg.Connection
) -> None:
    with psycopg.connect(database.owner) as late:
        revoke(late, "late")
        revoke(idp, "a", "b", "c")
        row = idp.execute("SELECT cursor, sids FROM auth.revocations_after(NULL, 2)").fetchone()
        assert row is not None
        cursor, found = row
        late.commit()
    rest = read(idp, cursor)
    following = read(idp, rest.cursor)
    assert {*found, *rest.found, *following.found} == {"a", "b", "c", "late"}


def test_a_savepoint_that_is_rolled_back_is_not_read(idp: psycopg.Connection) -> None:
    start = read(idp).cursor
    with idp.transaction():
        revoke(idp, "a")
        with idp.transaction(force_rollback=True):
            revoke(idp, "b")
        with idp.transaction():
            revoke(idp, "c")
    assert read(idp, start).found == ["a", "c"]


@pytest.mark.parametrize("cursor", ["", "unknown", "0/1:1:", "a/b/c/d/e/f"])
def test_a_cursor_of_another_database_starts_a_full_load(idp: psycopg.Connection, cursor: str) -> None:
    revoke(idp, "a")
    run = read(idp, cursor)
    assert (run.reset, run.found) == (True, ["a"])


def test_rows_restored_from_another_server_are_read_once(idp: psycopg.Connection) -> None:
    idp.execute(
        "INSERT INTO auth.revocation (xid, sid, expires_at) VALUES ('4000000000', 'restored', now() + interval '1 day')"
    )
    first = read(idp)
    assert first.found == ["restored"]
    revoke(idp, "a")
    assert read(idp, first.cursor).found == ["a"]


def test_expired_revocations_are_not_read(idp: psycopg.Connection) -> None:
    idp.execute("INSERT INTO auth.revocation (sid, expires_at) VALUES ('old', now() - interval '1 second')")
    assert read(idp).found == []


def test_the_api_reads_the_list_and_nothing_else_of_the_schema(database: Addresses) -> None:
    with psycopg.connect(database.api, autocommit=True) as api:
        assert read(api).found == []
        assert api.execute("SELECT count(*) FROM auth.revocation").fetchone() == (0,)
        for statement in (
            'SELECT FROM auth."user"',
            "SELECT FROM auth.session",
            "SELECT FROM auth.account",
            "SELECT FROM auth.jwks",
            "SELECT FROM auth.verification",
            "DELETE FROM auth.revocation",
            "INSERT INTO auth.revocation (sid, expires_at) VALUES ('s', now())",
            "UPDATE auth.revocation SET sid = 's'",
            "TRUNCATE auth.revocation",
            "SELECT auth.revoke_all()",
            "CREATE TABLE auth.t ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                api.execute(statement)
