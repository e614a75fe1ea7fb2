"""What is specific to the feed from Postgres."""

import asyncio
import time
import traceback
from collections.abc import Iterator

import psycopg
import pytest

from resource_server.revocation import PostgresRevocationFeed, RevocationFeed
from resource_server.revocation.page import Page
from resource_server.revocation.postgres import EMPTY_ANSWERS, PostgresTransport
from shared_fixtures.pgbouncer import pgbouncer
from shared_fixtures.postgres import Addresses
from tests.callers import caller

from .cluster import Cluster
from .waiting import fresh, until


@pytest.fixture
def pooled(cluster: Cluster, database: Addresses) -> Iterator[str]:
    with pgbouncer(database.superuser, cluster.system_user) as address:
        yield address


async def test_listens_on_a_direct_connection(database: Addresses, idp: psycopg.Connection) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        assert feed.status().transport == "listen"
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))


def test_one_event_loop_after_another_may_use_a_feed(
    database: Addresses, idp: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    feed = PostgresRevocationFeed(database.api, heartbeat=3_600)

    async def follow(session: str) -> None:
        async with feed:
            await fresh(feed)
            await asyncio.sleep(0.1)
            idp.execute("DELETE FROM auth.session WHERE id = %s", (session,))
            await until(lambda: feed.is_revoked(caller("u9", session, 0)))
            await asyncio.wait_for(feed.refresh(), 5)

    asyncio.run(follow("s1"))
    asyncio.run(follow("s2"))
    assert "failed" not in caplog.text


async def test_a_reload_in_the_middle_of_a_load_begins_anew(
    database: Addresses, idp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource_server.revocation.postgres.PAGE", 2)
    idp.execute("DELETE FROM auth.session")
    transport = CountingTransport(database.api)
    await transport.open()
    first = await transport.fetch(None, 0, asyncio.Event())
    assert (first.reset, first.complete, len(first.sids)) == (True, False, 2)
    again = await transport.fetch(None, 0, asyncio.Event())
    assert (again.reset, again.sids) == (True, first.sids)
    rest = await transport.fetch(again.cursor, 0, asyncio.Event())
    assert (rest.reset, rest.complete, len(rest.sids)) == (False, True, 1)
    await transport.close()


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("postgresql+asyncpg://api:secret@db/notes", "no Postgres address"),
        ("host=db password='secret", "no Postgres address"),
        ("postgresql://api:p@secret@db/notes", "percent-encode it"),
        ("postgresql://api:12/secret@db/notes", "percent-encode it"),
    ],
)
def test_a_malformed_address_is_refused_without_its_password(dsn: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        PostgresRevocationFeed(dsn)
    assert "secret" not in "".join(traceback.format_exception(refusal.value))


def channel(idp: psycopg.Connection) -> str:
    """The one in use, that nobody but readers can know."""
    row = idp.execute("SELECT name FROM auth.revocation_channel ORDER BY id LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("payload", ["", "{", "[1]", '[{"sid": "s9"}]', '[{"sid": "s9", "expires_at": -1}]', "é"])
async def test_a_malformed_notification_is_harmless(database: Addresses, idp: psycopg.Connection, payload: str) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        idp.execute("SELECT pg_notify(%s, %s)", (channel(idp), payload))
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))
        assert not feed.is_revoked(caller("u9", "s9", 0))
        assert feed.status().error is None


HINTS = '[{"sid": "s8", "expires_at": 4000000000}, {"sub": "u8", "min_ver": 3, "expires_at": 4000000000}]'


async def test_a_notification_counts_until_the_database_has_answered(
    database: Addresses, idp: psycopg.Connection
) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        name = channel(idp)
        with psycopg.connect(database.owner) as busy:
            busy.execute("LOCK TABLE auth.revocation")
            idp.execute("SELECT pg_notify(%s, %s)", (name, HINTS))
            await until(lambda: feed.is_revoked(caller("u9", "s8", 0)) and feed.is_revoked(caller("u8", "s9", 2)))
            assert not feed.is_revoked(caller("u8", "s9", 3))
        await until(lambda: not feed.is_revoked(caller("u9", "s8", 0)))
        assert not feed.is_revoked(caller("u8", "s9", 2)), "a hint that the table does not bear out is forgotten"


class CountingTransport(PostgresTransport):
    """Counts the questions to the database."""

    def __init__(self, dsn: str) -> None:
        super().__init__(
            dsn, schema="auth", poll_interval=1.0, probe_timeout=1.0, query_timeout=5.0, clock=time.monotonic
        )
        self.asked = 0

    async def _ask(self, connection: psycopg.AsyncConnection, cursor: str | None) -> Page:
        self.asked += 1
        return await super()._ask(connection, cursor)


async def test_a_notification_on_an_unknown_channel_is_ignored(database: Addresses, idp: psycopg.Connection) -> None:
    transport = CountingTransport(database.api)
    async with RevocationFeed(transport, heartbeat=3_600, clock=time.monotonic) as feed:
        await fresh(feed)
        before = transport.asked
        with psycopg.connect(database.superuser, autocommit=True) as stranger:
            for name in ("revocation", "revocation_", "revocations") * 100:
                stranger.execute("SELECT pg_notify(%s, %s)", (name, HINTS))
                await asyncio.sleep(0)
        assert transport.asked == before
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))
        assert not feed.is_revoked(caller("u9", "s8", 0))


async def test_false_hints_cause_a_bounded_number_of_queries(database: Addresses, idp: psycopg.Connection) -> None:
    transport = CountingTransport(database.api)
    async with RevocationFeed(transport, heartbeat=3_600, clock=time.monotonic) as feed:
        await fresh(feed)
        name, before, started = channel(idp), transport.asked, time.monotonic()
        while time.monotonic() - started < 0.5:
            idp.execute("SELECT pg_notify(%s, %s)", (name, HINTS))
            await asyncio.sleep(0)
        # Five at once, then twenty a second.
        assert transport.asked - before <= 5 + 20 * (time.monotonic() - started) + 1
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))


async def test_questions_that_no_notification_caused_delay_no_revocation(
    database: Addresses, idp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource_server.revocation.postgres.PAUSE_AFTER_EMPTY_ANSWERS", 3_600)
    transport = CountingTransport(database.api)
    await transport.open()
    try:
        page = await transport.fetch(None, 0, asyncio.Event())
        for _ in range(2 * EMPTY_ANSWERS):
            await transport.fetch(page.cursor, 0, asyncio.Event())
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        async with asyncio.timeout(10):
            while not page.has_rows or page.hint:
                page = await transport.fetch(page.cursor, 1, asyncio.Event())
        assert page.sids == ["s1"]
    finally:
        await transport.close()


async def test_a_renewed_channel_is_followed(database: Addresses, idp: psycopg.Connection) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=0.05) as feed:
        await fresh(feed)
        for _ in range(4):
            before = channel(idp)
            idp.execute("UPDATE auth.revocation_channel SET created_at = created_at - interval '2 hours'")
            while channel(idp) == before:
                await fresh(feed)
            await fresh(feed)
        with psycopg.connect(database.owner) as busy:
            busy.execute("LOCK TABLE auth.revocation")
            idp.execute("SELECT pg_notify(%s, %s)", (channel(idp), HINTS))
            await until(lambda: feed.is_revoked(caller("u9", "s8", 0)))


async def test_polls_through_a_transaction_pooler_and_says_so(pooled: str, idp: psycopg.Connection) -> None:
    async with PostgresRevocationFeed(pooled, poll_interval=0.05, probe_timeout=0.3, heartbeat=3_600) as feed:
        await fresh(feed)
        assert feed.status().transport == "poll"
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))


class DeafTransport(PostgresTransport):
    """No notification reaches it for now, as when the server takes too long to deliver one."""

    def __init__(self, dsn: str) -> None:
        self.is_deaf, self.minutes = True, 0
        super().__init__(dsn, schema="auth", poll_interval=0.05, probe_timeout=0.3, query_timeout=5.0, clock=self.time)

    def time(self) -> float:
        return time.monotonic() + 60 * self.minutes

    def _hear(self, channel: str, payload: str) -> None:
        if not self.is_deaf:
            super()._hear(channel, payload)


async def test_it_listens_once_notifications_arrive(database: Addresses) -> None:
    transport = DeafTransport(database.api)
    async with RevocationFeed(transport, heartbeat=3_600, clock=transport.time) as feed:
        await fresh(feed)
        assert feed.status().transport == "poll"
        transport.is_deaf = False
        await fresh(feed)
        assert feed.status().transport == "poll", "it is tested again after a minute"
        transport.minutes = 2
        await until(lambda: feed.status().transport == "listen")


async def test_a_role_with_one_connection_polls(database: Addresses, idp: psycopg.Connection) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute("ALTER ROLE api CONNECTION LIMIT 1")
        try:
            async with PostgresRevocationFeed(database.api, poll_interval=0.05, probe_timeout=0.1) as feed:
                await fresh(feed)
                assert feed.status().transport == "poll"
                idp.execute("DELETE FROM auth.session WHERE id = 's1'")
                await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))
        finally:
            superuser.execute("ALTER ROLE api CONNECTION LIMIT -1")


async def test_through_a_transaction_pooler_it_goes_on_polling(pooled: str, idp: psycopg.Connection) -> None:
    transport = DeafTransport(pooled)
    transport.is_deaf = False
    async with RevocationFeed(transport, heartbeat=3_600, clock=transport.time) as feed:
        for minutes in (0, 2, 5, 10):
            transport.minutes = minutes
            await fresh(feed)
        assert feed.status().transport == "poll"
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked(caller("u1", "s1", 0)))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DROP FUNCTION auth.revocation_page", "not_installed"),
        ("DROP FUNCTION auth.revocation_page; DROP FUNCTION auth.revocations_after", "not_installed"),
        ("DROP FUNCTION auth.revocation_epoch", "not_installed"),
        ("DROP TABLE auth.revocation CASCADE", "not_installed"),
        ("DROP SCHEMA auth CASCADE", "not_installed"),
        ("REVOKE EXECUTE ON FUNCTION auth.revocation_page FROM api", "forbidden"),
        ("REVOKE USAGE ON SCHEMA auth FROM api", "forbidden"),
    ],
)
async def test_says_what_is_wrong_with_the_database(
    database: Addresses, idp: psycopg.Connection, damage: str, code: str
) -> None:
    idp.execute(damage)
    async with PostgresRevocationFeed(database.api) as feed:
        await until(lambda: feed.status().error == code)


async def test_says_that_it_can_not_connect() -> None:
    async with PostgresRevocationFeed("postgresql://api@127.0.0.1:1/none") as feed:
        await until(lambda: feed.status().error == "connection_failed")
