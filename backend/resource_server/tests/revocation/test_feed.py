"""What the feed guarantees, over each transport: completeness, speed, and the age of the view."""

import asyncio
import math
import threading
from collections.abc import Callable

import psycopg
import pytest

from resource_server.revocation import RevocationFeed
from shared_fixtures.postgres import Addresses
from tests.callers import caller

from .cluster import Cluster
from .waiting import MakeFeed, fresh, until


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def ended(feed: RevocationFeed, *sessions: str) -> list[str]:
    return [session for session in sessions if feed.is_revoked(caller("u9", session, 0))]


async def test_loads_what_was_revoked_before(make_feed: MakeFeed, idp: psycopg.Connection) -> None:
    idp.execute("DELETE FROM auth.session WHERE id IN ('s1', 's2')")
    idp.execute("UPDATE auth.\"user\" SET role = 'admin'")
    async with make_feed() as feed:
        await fresh(feed)
        assert ended(feed, "s1", "s2", "s3") == ["s1", "s2"]
        assert feed.is_revoked(caller("u1", "s9", 0))
        ((raised,),) = idp.execute("SELECT version FROM auth.revocation_version WHERE user_id = 'u1'")
        assert feed.is_revoked(caller("u1", "s9", raised - 1))
        assert not feed.is_revoked(caller("u1", "s9", raised))
        assert (feed.status().sessions, feed.status().users) == (2, 2)


async def test_follows_where_the_host_keeps_the_control_file_to_itself(
    make_feed: MakeFeed, database: Addresses, idp: psycopg.Connection
) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute("REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC")
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    async with make_feed() as feed:
        await fresh(feed)
        idp.execute("DELETE FROM auth.session WHERE id = 's2'")
        await until(lambda: ended(feed, "s1", "s2", "s3") == ["s1", "s2"])


async def test_receives_a_revocation_without_asking(feed: RevocationFeed, idp: psycopg.Connection) -> None:
    assert ended(feed, "s1") == []
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    await until(lambda: ended(feed, "s1") == ["s1"])


async def test_a_transaction_that_commits_late_is_not_missed(
    feed: RevocationFeed, database: Addresses, idp: psycopg.Connection
) -> None:
    with psycopg.connect(database.owner) as late:
        late.execute("DELETE FROM auth.session WHERE id = 's1'")
        idp.execute("DELETE FROM auth.session WHERE id = 's2'")
        await fresh(feed)
        assert ended(feed, "s1", "s2") == ["s2"]
        late.commit()
    await fresh(feed)
    assert ended(feed, "s1", "s2") == ["s1", "s2"]


async def test_many_revocations_at_once_arrive(feed: RevocationFeed, idp: psycopg.Connection) -> None:
    idp.execute(
        "INSERT INTO auth.revocation (sid, expires_at)"
        " SELECT 'many' || i, now() + interval '1 day' FROM generate_series(0, 4999) i"
    )
    await fresh(feed)
    many = [f"many{i}" for i in range(5_000)]
    assert ended(feed, *many) == many


async def test_a_revocation_while_many_pages_are_read_arrives_too(make_feed: MakeFeed, idp: psycopg.Connection) -> None:
    def revoke(prefix: str, number: int) -> None:
        idp.execute(
            "INSERT INTO auth.revocation (sid, expires_at)"
            " SELECT %s || i, now() + interval '1 day' FROM generate_series(1, %s::int) i",
            (prefix, number),
        )

    revoke("before", 9_000)
    async with make_feed(heartbeat=3_600) as feed:
        await fresh(feed)
        revoke("after", 9_000)
        for i in range(20):
            revoke(f"later{i}.", 1)
            await asyncio.sleep(0)
        last = ["before9000", "after9000", "later19.1"]
        await until(lambda: ended(feed, *last) == last)


async def test_a_view_that_was_never_loaded_is_infinitely_stale(make_feed: MakeFeed) -> None:
    feed = make_feed()
    assert feed.staleness() == math.inf
    assert not feed.is_revoked(caller("u1", "s1", 0))


async def test_staleness_counts_from_the_last_complete_answer(make_feed: MakeFeed) -> None:
    clock = Clock()
    async with make_feed(clock=clock, heartbeat=3600) as feed:
        await until(lambda: feed.staleness() == 0)
        clock.now += 30
        assert feed.staleness() == 30
        await fresh(feed)
        assert feed.staleness() == 0


async def test_the_heartbeat_keeps_the_view_fresh_while_nothing_happens(make_feed: MakeFeed) -> None:
    async with make_feed(heartbeat=1.0) as feed:
        await fresh(feed)
        staleness: list[float] = []

        def falls() -> bool:
            staleness.append(feed.staleness())
            return len(staleness) > 1 and staleness[-1] < staleness[-2]

        await until(falls)
        assert feed.status().reloads == 1


async def test_the_status_names_transport_and_counts(feed: RevocationFeed) -> None:
    status = feed.status()
    assert status.transport in {"listen", "http", "nats"}
    assert status.error is None
    assert status.missing_triggers == ()
    assert status.max_token_life == 31 * 86_400 + 3_600
    assert status.staleness < 60


async def test_missing_triggers_are_reported(make_feed: MakeFeed, idp: psycopg.Connection) -> None:
    idp.execute("DROP TRIGGER revocation_session_deleted ON auth.session")
    async with make_feed() as feed:
        await fresh(feed)
        assert feed.status().missing_triggers == ("session.revocation_session_deleted",)


async def test_a_crash_of_the_database_loses_nothing(
    make_feed: MakeFeed, cluster: Cluster, database: Addresses
) -> None:
    async with make_feed(heartbeat=1.0) as feed:
        await fresh(feed)
        with psycopg.connect(database.owner, autocommit=True) as idp:
            idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await asyncio.to_thread(cluster.crash)
        try:
            await until(lambda: feed.status().error is not None)
            before = feed.staleness()
            assert feed.staleness() >= before
        finally:
            await asyncio.to_thread(cluster.start)
        with psycopg.connect(database.owner, autocommit=True) as idp:
            idp.execute("DELETE FROM auth.session WHERE id = 's2'")
        await fresh(feed)
        assert ended(feed, "s1", "s2", "s3") == ["s1", "s2"]
        assert feed.status().error is None
        assert feed.status().reloads == 2, "a crash can hand out transaction ids again: the full set is loaded again"


async def test_starts_before_the_database_does(make_feed: MakeFeed, cluster: Cluster, idp: psycopg.Connection) -> None:
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    await asyncio.to_thread(cluster.crash)
    try:
        async with make_feed() as feed:
            await until(lambda: feed.status().error is not None)
            assert feed.staleness() == math.inf
            await asyncio.to_thread(cluster.start)
            await fresh(feed)
            assert ended(feed, "s1") == ["s1"]
    finally:
        await asyncio.to_thread(cluster.start)


async def test_all_revocations_of_many_concurrent_writers_arrive(
    feed: RevocationFeed, database: Addresses, cut: Callable[[], None]
) -> None:
    """Many writers, transactions that end in another order than they began in, and a connection that keeps breaking."""

    def write(writer: int) -> None:
        with psycopg.connect(database.owner) as first, psycopg.connect(database.owner) as second:
            for i in range(20):
                for connection, name in ((first, "a"), (second, "b")):
                    connection.execute(
                        "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')",
                        (f"{name}{writer}.{i}",),
                    )
                second.commit()
                if i % 7 == 0:
                    cut()
                first.commit()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in writers:
        thread.start()
    for thread in writers:
        await asyncio.to_thread(thread.join)
    await fresh(feed)
    expected = [f"{name}{writer}.{i}" for name in "ab" for writer in range(3) for i in range(20)]
    assert ended(feed, *expected) == expected


@pytest.fixture
def cut(database: Addresses) -> Callable[[], None]:
    """Ends the feed's connection to the database, if there is one."""

    def cut() -> None:
        with psycopg.connect(database.superuser, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'revocation feed'"
            )

    return cut


async def test_a_lost_connection_is_replaced_at_once_without_a_reload(
    make_feed: MakeFeed, idp: psycopg.Connection, cut: Callable[[], None]
) -> None:
    async with make_feed(heartbeat=3_600) as feed:
        await fresh(feed)
        cut()
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: ended(feed, "s1") == ["s1"])
        assert feed.status().reloads == 1


async def test_stops_cleanly_at_any_time(make_feed: MakeFeed) -> None:
    for pauses in range(12):
        feed = make_feed()
        await feed.start()
        for _ in range(pauses):
            await asyncio.sleep(0)
        await feed.stop()
        await feed.stop()


async def test_refresh_waits_for_an_answer_to_a_later_query(make_feed: MakeFeed) -> None:
    feed = make_feed()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await feed.refresh()
