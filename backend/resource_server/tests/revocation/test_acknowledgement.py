"""A sign-out can wait until the session is refused everywhere; a lost reader delays it only briefly."""

import asyncio
import time
from uuid import uuid4

import psycopg
import pytest

from resource_server.revocation import RevocationFeed
from shared_fixtures.postgres import Addresses
from tests.callers import caller

from .cluster import Cluster
from .waiting import MakeFeed, fresh

LISTENERS = "SELECT count(*) FROM auth.revocation_listener"


def settled(idp: psycopg.Connection, patience: str = "20 seconds") -> bool:
    row = idp.execute("SELECT auth.await_revocations(%s)", (patience,)).fetchone()
    assert row is not None
    return bool(row[0])


def count(idp: psycopg.Connection) -> int:
    row = idp.execute(LISTENERS).fetchone()
    assert row is not None
    return int(row[0])


def have_followed_for_long(idp: psycopg.Connection) -> None:
    """Of listeners that are new, an answer waits for half a second, which a busy machine can take."""
    idp.execute("UPDATE auth.revocation_listener SET since = now() - interval '1 minute'")


async def test_a_revocation_is_in_force_everywhere_when_the_wait_is_over(
    make_feed: MakeFeed, idp: psycopg.Connection
) -> None:
    async with make_feed() as one, make_feed() as other:
        await asyncio.gather(fresh(one), fresh(other))
        have_followed_for_long(idp)
        for i in range(50):
            idp.execute(
                "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')", (f"r{i}",)
            )
            assert await asyncio.to_thread(settled, idp)
            assert one.is_revoked(caller("u9", f"r{i}", 0))
            assert other.is_revoked(caller("u9", f"r{i}", 0))


async def test_a_reader_is_waited_for_before_it_calls_its_view_complete(
    make_feed: MakeFeed, idp: psycopg.Connection
) -> None:
    async with make_feed() as feed:
        await fresh(feed)
        assert count(idp) == 1


def test_the_wait_reads_what_is_new_only(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute(
        "INSERT INTO auth.revocation (sid, expires_at)"
        " SELECT 'many' || i, now() + interval '1 day' FROM generate_series(1, 50000) i"
    )
    idp.execute("ANALYZE auth.revocation")
    acknowledge(database, idp)
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    before = blocks_read(idp)
    assert not settled(idp, "0 seconds")
    assert blocks_read(idp) - before < 100


def blocks_read(idp: psycopg.Connection) -> int:
    """Of the table of revocations, its indexes left out, from memory or disk, by this session."""
    idp.execute("SELECT pg_stat_force_next_flush()")
    row = idp.execute(
        "SELECT heap_blks_hit + heap_blks_read FROM pg_statio_user_tables WHERE relname = 'revocation'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_without_readers_there_is_no_wait(idp: psycopg.Connection) -> None:
    idp.execute("DELETE FROM auth.session")
    assert settled(idp)


async def test_later_revocations_are_not_waited_for(
    feed: RevocationFeed, database: Addresses, idp: psycopg.Connection
) -> None:
    have_followed_for_long(idp)
    with psycopg.connect(database.owner) as late:
        late.execute("DELETE FROM auth.session WHERE id = 's1'")
        idp.execute("DELETE FROM auth.session WHERE id = 's2'")
        assert await asyncio.to_thread(settled, idp), "a transaction that is still open holds nobody up"
        assert feed.is_revoked(caller("u1", "s2", 0))


def test_a_lost_reader_delays_only_one_answer(database: Addresses, idp: psycopg.Connection) -> None:
    acknowledge(database, idp)
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    started = time.monotonic()
    assert not settled(idp, "50 milliseconds")
    assert 0.05 <= time.monotonic() - started < 2

    idp.execute("DELETE FROM auth.session WHERE id = 's2'")
    assert settled(idp, "0 seconds")


def test_a_reader_that_has_been_silent_for_long_is_not_waited_for(database: Addresses, idp: psycopg.Connection) -> None:
    acknowledge(database, idp)
    idp.execute("UPDATE auth.revocation_listener SET seen_at = now() - interval '11 seconds'")
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    assert settled(idp, "0 seconds")


def test_readers_from_before_a_database_crash_are_waited_for_after_it(
    cluster: Cluster, database: Addresses, idp: psycopg.Connection
) -> None:
    acknowledge(database, idp)
    idp.execute("UPDATE auth.revocation_listener SET seen_at = now() - interval '11 seconds'")
    cluster.crash()
    cluster.start()
    with psycopg.connect(database.owner, autocommit=True) as after:
        assert count(after) == 1
        after.execute("DELETE FROM auth.session WHERE id = 's1'")
        assert not settled(after, "0 seconds")


async def test_a_revocation_right_after_a_crash_of_the_database_is_in_force_when_the_wait_is_over(
    make_feed: MakeFeed, cluster: Cluster, database: Addresses, idp: psycopg.Connection
) -> None:
    async with make_feed() as one, make_feed() as other:
        await asyncio.gather(fresh(one), fresh(other))
        have_followed_for_long(idp)
        await asyncio.to_thread(cluster.crash)
        await asyncio.to_thread(cluster.start)
        with psycopg.connect(database.owner, autocommit=True) as after:
            after.execute("DELETE FROM auth.session WHERE id = 's1'")
            assert await asyncio.to_thread(settled, after)
        assert one.is_revoked(caller("u1", "s1", 0))
        assert other.is_revoked(caller("u1", "s1", 0))


def test_readers_that_were_not_heard_for_long_are_forgotten(database: Addresses, idp: psycopg.Connection) -> None:
    acknowledge(database, idp)
    idp.execute("UPDATE auth.revocation_listener SET seen_at = now() - interval '2 minutes'")
    acknowledge(database, idp)
    assert count(idp) == 1


@pytest.mark.parametrize("ending", ["/1:1:/0/0", "x"])
def test_a_cursor_between_pages_or_of_another_epoch_acknowledges_nothing(
    database: Addresses, idp: psycopg.Connection, ending: str
) -> None:
    acknowledge(database, idp, ending)
    assert count(idp) == 0


def acknowledge(database: Addresses, idp: psycopg.Connection, ending: str = "") -> None:
    """As a reader that has seen what there is now."""
    row = idp.execute("SELECT cursor FROM auth.revocations_after(NULL, 100000)").fetchone()
    assert row is not None
    cursor = f"x{row[0]}" if ending == "x" else row[0] + ending
    with psycopg.connect(database.api, autocommit=True) as api:
        api.execute("SELECT auth.acknowledge_revocations(%s, %s)", (uuid4(), cursor))


def seconds_waited(idp: psycopg.Connection, session: str) -> float:
    idp.execute("DELETE FROM auth.session WHERE id = %s", (session,))
    started = time.monotonic()
    assert not settled(idp, "2 seconds")
    return time.monotonic() - started


def test_a_new_reader_delays_an_answer_by_at_most_half_a_second(database: Addresses, idp: psycopg.Connection) -> None:
    acknowledge(database, idp)
    assert 0.5 <= seconds_waited(idp, "s1") < 1.5


def test_readers_that_never_acknowledge_cause_little_delay(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute("INSERT INTO auth.revocation_delay VALUES ('role api', 2, now() - interval '30 seconds')")
    acknowledge(database, idp)
    assert seconds_waited(idp, "s1") >= 0.5
    for session in ("s2", "s3"):
        acknowledge(database, idp)
        assert 0.05 <= seconds_waited(idp, session) < 0.5


def test_after_a_minute_such_readers_are_waited_for_again(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute("INSERT INTO auth.revocation_delay VALUES ('role api', 9, now() - interval '61 seconds')")
    acknowledge(database, idp)
    assert seconds_waited(idp, "s1") >= 0.5


def test_those_of_another_credential_do_not_shorten_the_wait(database: Addresses, idp: psycopg.Connection) -> None:
    idp.execute("INSERT INTO auth.revocation_delay VALUES ('role other', 9, now())")
    acknowledge(database, idp)
    assert seconds_waited(idp, "s1") >= 0.5


def test_a_credential_cannot_acknowledge_for_another_s_listener(database: Addresses, idp: psycopg.Connection) -> None:
    listener = uuid4()
    behind = idp.execute("SELECT cursor FROM auth.revocations_after(NULL)").fetchone()
    assert behind is not None
    idp.execute("SELECT auth.revocation_acknowledge('token of another', %s, %s)", (listener, behind[0]))
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    level = idp.execute("SELECT cursor FROM auth.revocations_after(NULL)").fetchone()
    assert level is not None
    with psycopg.connect(database.api, autocommit=True) as api:
        api.execute("SELECT auth.acknowledge_revocations(%s, %s)", (listener, level[0]))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute("SELECT auth.revocation_acknowledge('token of another', %s, %s)", (listener, level[0]))
    assert not settled(idp, "0 seconds")


def test_a_credential_has_500_listeners_at_most(database: Addresses, idp: psycopg.Connection) -> None:
    row = idp.execute("SELECT cursor FROM auth.revocations_after(NULL)").fetchone()
    assert row is not None
    with psycopg.connect(database.api) as api:
        for _ in range(510):
            api.execute("SELECT auth.acknowledge_revocations(%s, %s)", (uuid4(), row[0]))
    assert count(idp) == 500


def test_the_api_s_role_can_acknowledge_but_not_read_or_delete_readers(database: Addresses) -> None:
    for statement in (
        "SELECT * FROM auth.revocation_listener",
        "DELETE FROM auth.revocation_listener",
        "SELECT auth.await_revocations()",
    ):
        with psycopg.connect(database.api) as api, pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute(statement)
