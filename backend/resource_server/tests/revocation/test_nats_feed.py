"""What is specific to the feed over NATS: its server, its publishers, and the permissions."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from nats.aio.msg import Msg

from resource_server.revocation import FeedError, NatsAccess, NatsRevocationFeed
from resource_server.revocation.nats import RevocationPublisher
from resource_server.revocation.nats.access import Connection
from resource_server.revocation.nats.followers import GONE_AFTER, Followers
from resource_server.revocation.nats.stream import PublishedStream
from resource_server.revocation.page import Page
from shared_fixtures.certificates import make_certificates
from shared_fixtures.nats import PUBLISHER, SERVER, NatsServer
from shared_fixtures.postgres import Addresses
from tests.callers import caller

from .publishing import publishing, standing_by
from .waiting import fresh, until


def following(server: NatsServer, heartbeat: float = 5.0) -> NatsRevocationFeed:
    return NatsRevocationFeed(NatsAccess(server.url, *SERVER), backoff=0.05, timeout=1.0, heartbeat=heartbeat)


@asynccontextmanager
async def connected(server: NatsServer, user: tuple[str, str]) -> AsyncIterator[Connection]:
    connection = Connection(NatsAccess(server.url, *user), 5.0)
    try:
        await connection.open("test")
        yield connection
    finally:
        await connection.close()


def end(idp: psycopg.Connection, *sessions: str) -> None:
    for session in sessions:
        idp.execute("INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')", (session,))


def ended(feed: NatsRevocationFeed, *sessions: str) -> list[str]:
    return [session for session in sessions if feed.is_revoked(caller("u9", session, 0))]


async def test_a_revocation_is_pushed(nats: NatsServer, database: Addresses, idp: psycopg.Connection) -> None:
    async with publishing(database.api, nats), following(nats, heartbeat=3_600) as feed:
        await fresh(feed)
        end(idp, "a")
        await until(lambda: ended(feed, "a", "b") == ["a"])
        assert feed.status().transport == "nats"


async def test_a_revocation_is_refused_at_once_though_a_page_before_it_is_missing(
    nats: NatsServer, database: Addresses
) -> None:
    async with following(nats) as feed, connected(nats, PUBLISHER) as connection:
        async with publishing(database.api, nats):
            await fresh(feed)
        last = await connection.jetstream.get_last_msg("revocations", "revocations.pages")
        known = json.loads(last.data or b"")
        row = {"sid": "a", "expires_at": 4_000_000_000}
        page = known | {"sequence": known["sequence"] + 2, "after": known["sequence"] + 1, "rows": [row]}
        stranger = page | {"stream": "another", "rows": [row | {"sid": "b"}]}
        for message in (stranger, page):
            await connection.client.publish("revocations.pages", json.dumps(message).encode())
        await until(lambda: ended(feed, "a", "b") == ["a"])


async def test_a_restart_of_nats_loses_nothing(nats: NatsServer, database: Addresses, idp: psycopg.Connection) -> None:
    async with publishing(database.api, nats), following(nats) as feed:
        await fresh(feed)
        nats.stop()
        end(idp, "a")
        await until(lambda: feed.status().error is not None)
        nats.start()
        await fresh(feed)
        assert ended(feed, "a") == ["a"]
        assert (feed.status().error, feed.status().reloads) == (None, 1)


async def test_a_stream_that_lost_its_data_is_noticed_and_loaded_again(
    nats: NatsServer, database: Addresses, idp: psycopg.Connection
) -> None:
    end(idp, "a")
    async with publishing(database.api, nats), following(nats) as feed:
        await fresh(feed)
        nats.stop()
        nats.lose_data()
        end(idp, "b")
        nats.start()
        await fresh(feed)
        assert ended(feed, "a", "b") == ["a", "b"]
        assert feed.status().reloads == 2


def term_of(publisher: RevocationPublisher) -> int:
    return publisher.term or 0


async def test_a_standby_takes_over_without_a_reload(
    nats: NatsServer, database: Addresses, idp: psycopg.Connection
) -> None:
    async with following(nats) as feed, AsyncExitStack() as stack:
        async with publishing(database.api, nats) as first:
            former = term_of(first)
            await fresh(feed)
            second = await stack.enter_async_context(standing_by(database.api, nats))
            end(idp, "a")
            await until(lambda: ended(feed, "a") == ["a"])
            assert term_of(second) == 0
        await until(lambda: term_of(second) > former)
        end(idp, "b")
        await fresh(feed)
        assert ended(feed, "a", "b") == ["a", "b"]
        assert feed.status().reloads == 1


async def test_a_publisher_that_connected_late_answers_servers_that_lag(
    nats: NatsServer, database: Addresses, idp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource_server.revocation.nats.term.HEAR_FIRST", 0)
    async with following(nats) as feed:
        async with publishing(database.api, nats):
            await fresh(feed)
        end(idp, "a")
        async with publishing(database.api, nats):
            await fresh(feed)
            assert ended(feed, "a") == ["a"]


async def test_without_a_publisher_the_view_becomes_stale_and_the_status_says_why(
    nats: NatsServer, database: Addresses
) -> None:
    async with following(nats) as feed:
        async with publishing(database.api, nats):
            await fresh(feed)
        before = feed.staleness()
        asking = asyncio.create_task(feed.refresh())
        await until(lambda: feed.status().error == "timeout")
        assert "publish" in (feed.status().remedy or "")
        assert feed.staleness() > before
        asking.cancel()


def page_of(session: str) -> Page:
    return Page(
        asked_at=0,
        cursor="c",
        reset=False,
        complete=True,
        max_token_life=60,
        sids=[session],
        sid_expires=[4_000_000_000],
    )


async def test_a_publisher_of_a_former_term_can_not_write(nats: NatsServer) -> None:
    async with connected(nats, PUBLISHER) as one, connected(nats, PUBLISHER) as other:
        former, present = PublishedStream(one, "revocations", 1), PublishedStream(other, "revocations", 1)
        await former.open()
        await former.begin(1)
        await former.add(page_of("a"))
        await present.open()
        await present.begin(2)
        with pytest.raises(FeedError, match="refused"):
            await former.add(page_of("b"))
        with pytest.raises(FeedError, match="superseded"):
            await former.check()
        await present.add(page_of("c"))
        await present.check()


ANSWER = {
    "protocol": 1,
    "position": 10**9,
    "snapshot": {"first": 1, "last": 1, "position": 0, "rows": 0},
    "max_token_life": 60,
    "pause": 0,
}


async def test_an_answer_of_a_former_term_is_ignored(nats: NatsServer, database: Addresses) -> None:
    async with connected(nats, PUBLISHER) as former:

        async def answer(message: Msg) -> None:
            asked = json.loads(message.data)
            if message.reply:
                said = {**ANSWER, "stream": "another", "term": 1, "nonce": asked["nonce"]}
                await former.client.publish(message.reply, json.dumps(said).encode())

        async with following(nats) as feed:
            async with publishing(database.api, nats):
                await fresh(feed)
            await former.client.subscribe("revocations.questions", cb=answer)
            asking = asyncio.create_task(feed.refresh())
            await until(lambda: feed.status().error is not None)
            assert feed.status().error == "timeout"
            assert not asking.done()
            asking.cancel()


@pytest.mark.parametrize("change", [{"rows": [{"colour": "red", "expires_at": 4_000_000_000}]}, {"protocol": 2}])
async def test_a_message_of_a_newer_version_is_an_unknown_kind(
    nats: NatsServer, database: Addresses, change: dict[str, Any]
) -> None:
    async with publishing(database.api, nats), following(nats, heartbeat=3_600) as feed:
        await fresh(feed)
        async with connected(nats, PUBLISHER) as newer:
            said = {"protocol": 1, "stream": "s", "term": 1, "sequence": 1, "rows": []}
            await newer.client.publish("revocations.pages", json.dumps({**said, **change}).encode())
            await until(lambda: feed.status().error == "unknown_kind")


async def test_a_wrong_password_is_named(nats: NatsServer) -> None:
    wrong = NatsAccess(nats.url, SERVER[0], "wrong")
    async with NatsRevocationFeed(wrong, backoff=0.05) as feed:
        await until(lambda: feed.status().error == "forbidden")
        assert "credentials" in (feed.status().remedy or "")
        assert feed.staleness() == float("inf")
    assert "wrong" not in repr(wrong)


async def test_without_a_stream_the_feed_is_not_installed(nats: NatsServer) -> None:
    async with following(nats) as feed:
        await until(lambda: feed.status().error == "not_installed")


@pytest.mark.parametrize("subject", ["revocations.pages", "revocations.snapshot", "_INBOX.x", "$JS.API.STREAM.INFO.x"])
async def test_a_server_cannot_publish_as_the_publisher(nats: NatsServer, subject: str) -> None:
    async with connected(nats, SERVER) as server:
        await server.client.publish(subject, b"{}")
        await until(lambda: server.denied)


async def test_a_new_snapshot_shortens_the_stream_without_a_reload(
    nats: NatsServer, database: Addresses, idp: psycopg.Connection
) -> None:
    names: list[str] = []
    async with (
        publishing(database.api, nats, pages=5),
        following(nats) as live,
        connected(nats, PUBLISHER) as connection,
    ):
        await fresh(live)
        while (await connection.jetstream.stream_info("revocations")).state.first_seq < 10:
            names.append(f"r{len(names)}")
            end(idp, names[-1])
            await until(lambda: ended(live, *names) == names)
        async with following(nats) as late:
            await fresh(late)
            assert ended(late, *names) == names
        assert live.status().reloads == 1


def test_a_server_that_is_silent_for_long_is_not_waited_for() -> None:
    followers = Followers()
    followers.reach(1, "first")
    followers.hear("slow", 1, now=0.0)
    followers.hear("quick", 1, now=0.0)
    followers.reach(2, "second")
    followers.hear("quick", 2, now=5.0)
    assert followers.in_force(5.0) == "first"
    assert followers.in_force(GONE_AFTER + 1) == "second"


def test_an_acknowledgement_before_the_page_is_stored_counts_once_it_is_stored() -> None:
    followers = Followers()
    followers.reach(1, "first")
    followers.hear("quick", 2, now=0.0)
    followers.changed.clear()
    followers.reach(2, "second")
    assert followers.changed.is_set()
    assert followers.in_force(0.0) == "second"


def test_nothing_is_acknowledged_while_a_server_is_behind() -> None:
    followers = Followers()
    followers.hear("behind", 1, now=0.0)
    followers.reach(5, "fifth")
    assert followers.in_force(0.0) is None
    followers.hear("behind", 5, now=1.0)
    assert followers.in_force(1.0) == "fifth"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("nats://nats.example.com:4222", {}),
        ("tls://user:password@nats.example.com", {}),
        ("http://localhost:4222", {}),
        ("", {}),
        ("nats://localhost", {"user": "one"}),
        ("nats://localhost", {"credentials": Path("/nowhere")}),
    ],
)
def test_an_unsafe_or_invalid_access_is_refused(url: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"NATS|file"):
        NatsAccess(url, **options)
    assert NatsAccess("tls://nats.example.com, tls://other.example.com").servers[1] == "tls://other.example.com"


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[NatsServer, Path]]:
    """A server with TLS from the first byte on, and the authority to trust."""
    made = make_certificates(tmp_path)
    server = NatsServer(f'tls {{ cert_file: "{made.certificate}", key_file: "{made.key}", handshake_first: true }}')
    server.start()
    yield server, made.authority
    server.close()


async def test_tls_is_verified(tls: tuple[NatsServer, Path]) -> None:
    server, authority = tls
    url = f"tls://localhost:{server.port}"
    connection = Connection(NatsAccess(url, *SERVER, ca=authority), 5.0)
    await connection.open("test")
    await connection.close()
    stranger = Connection(NatsAccess(url, *SERVER), 5.0)
    with pytest.raises(FeedError, match="connection_failed"):
        await stranger.open("test")
    async with asyncio.timeout(4):
        await stranger.close()


def publisher_process(nats: NatsServer, database: Addresses) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "DATABASE_URL": database.api, "NATS_URL": nats.url}
    environment |= {"NATS_USER": PUBLISHER[0], "NATS_PASSWORD": PUBLISHER[1]}
    return subprocess.Popen([sys.executable, "-m", "resource_server", "publish"], env=environment)


@pytest.mark.long
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_publisher_that_is_killed_or_hangs_is_replaced(
    nats: NatsServer, database: Addresses, idp: psycopg.Connection, sent: signal.Signals
) -> None:
    process = publisher_process(nats, database)
    try:
        async with following(nats) as feed:
            await fresh(feed)
            async with standing_by(database.api, nats) as second:
                process.send_signal(sent)
                await until(lambda: second.term is not None)
                end(idp, "a")
                await fresh(feed)
                assert ended(feed, "a") == ["a"]
    finally:
        process.kill()
        process.wait()


def test_the_command_names_what_is_missing() -> None:
    command = [sys.executable, "-m", "resource_server", "publish"]
    for environment, name in (({}, "DATABASE_URL_UNPOOLED"), ({"DATABASE_URL": "postgresql:///x"}, "NATS_URL")):
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 3
        assert name in answer.stderr
        assert len(answer.stderr.splitlines()) == 1
