"""What is specific to the feed over HTTP: an answer that breaks the protocol changes nothing."""

import asyncio
import gzip
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from resource_server.revocation import HttpRevocationFeed, RevocationFeed
from resource_server.revocation.http import HttpTransport
from resource_server.timing import boot_time
from tests.callers import caller

from .waiting import fresh, until

URL = "https://idp.example/revocations"
GOOD: dict[str, Any] = {
    "cursor": "c1",
    "reset": True,
    "complete": True,
    "max_token_life": 3_600,
    "revocations": [{"sid": "s1", "expires_at": 4_000_000_000}],
}

COMPRESSED = httpx.ByteStream(gzip.compress(json.dumps(GOOD).encode()))

Answer = Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def feed_with(answer: Answer, **options: Any) -> HttpRevocationFeed:  # noqa: ANN401
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HttpRevocationFeed(URL, "secret", client=client, backoff=0.01, **options)


def good(**changes: Any) -> httpx.Response:  # noqa: ANN401
    return httpx.Response(200, json={**GOOD, **changes}, headers={"ETag": '"e1"'})


async def test_asks_as_the_protocol_says() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return good() if len(requests) == 1 else httpx.Response(304)

    async with feed_with(answer) as feed:
        await fresh(feed)
        await fresh(feed)
        assert feed.is_revoked(caller("u1", "s1", 0))
    first, second = requests[:2]
    assert first.headers["authorization"] == "Bearer secret"
    assert first.headers["accept-encoding"] == "identity"
    assert first.url.params.get("after") is None
    assert "if-none-match" not in first.headers
    assert second.url.params["after"] == "c1"
    assert second.headers["if-none-match"] == '"e1"'


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(200, stream=COMPRESSED, headers={"Content-Encoding": "gzip"}), "malformed"),
        (httpx.Response(401), "forbidden"),
        (httpx.Response(403), "forbidden"),
        (httpx.Response(500), "refused"),
        (httpx.Response(304), "refused"),
        (httpx.Response(302, headers={"Location": URL}), "refused"),
        (httpx.Response(200, text="<html>"), "malformed"),
        (httpx.Response(200, content=b" " * 2_000_001), "malformed"),
        (httpx.Response(200, json=[]), "malformed"),
        (good(cursor=""), "malformed"),
        (good(cursor=1), "malformed"),
        (good(reset="true"), "malformed"),
        (good(complete=None), "malformed"),
        (good(max_token_life=0), "malformed"),
        (good(revocations=[{"sid": "s1"}]), "malformed"),
        (good(revocations=[{"sub": "u1", "expires_at": 1}]), "malformed"),
        (good(revocations=[{"sid": "s1", "expires_at": 2**32}]), "malformed"),
        (good(revocations=[{"sub": "u1", "min_ver": 2**53, "expires_at": 1}]), "malformed"),
        (good(revocations=[{"sid": "s1", "expires_at": 1.5}]), "malformed"),
    ],
)
async def test_refuses_an_answer_that_breaks_the_protocol(response: httpx.Response, code: str) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return response

    async with feed_with(answer) as feed:
        await until(lambda: feed.status().error == code)
        assert not feed.is_revoked(caller("u1", "s1", 0))
        assert feed.status().reloads == 0


async def test_a_malformed_answer_leaves_the_list_unchanged() -> None:
    healthy = True

    def answer(_request: httpx.Request) -> httpx.Response:
        return good() if healthy else httpx.Response(200, text=json.dumps({**GOOD, "revocations": None}))

    async with feed_with(answer) as feed:
        await fresh(feed)
        healthy = False
        await until(lambda: feed.status().error == "malformed")
        assert feed.is_revoked(caller("u1", "s1", 0))


async def test_a_view_that_is_known_complete_is_held_by_the_server_however_short_the_heartbeat() -> None:
    waits: list[int] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        waits.append(int(request.url.params["wait"]))
        if waits[-1]:
            await asyncio.Event().wait()
        return good() if len(waits) == 1 else httpx.Response(304)

    async with feed_with(answer, heartbeat=0.5):
        await until(lambda: len(waits) >= 20 or 1 in waits)
        # The second says that the first page is in force, and proves the view complete.
        assert waits == [0, 0, 1]


async def test_an_unknown_cursor_starts_a_full_load() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "after" in request.url.params:
            return httpx.Response(410)
        return good()

    async with feed_with(answer) as feed:
        await fresh(feed)
        await until(lambda: feed.status().reloads > 1)
        assert feed.is_revoked(caller("u1", "s1", 0))


async def test_the_full_set_replaces_the_list_only_when_it_is_complete() -> None:
    pages = [
        good(),
        good(),
        good(cursor="c2", complete=False, revocations=[{"sid": "s2", "expires_at": 4_000_000_000}]),
        httpx.Response(500),
        good(cursor="c3", reset=False, revocations=[{"sid": "s3", "expires_at": 4_000_000_000}]),
    ]
    held: list[list[str]] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        held.append([sid for sid in ("s1", "s2", "s3") if feed.is_revoked(caller("u", sid, 0))])
        return pages[min(len(held), len(pages)) - 1]

    feed = feed_with(answer)
    async with feed:
        await until(lambda: feed.status().reloads == 3)
        assert [sid for sid in ("s1", "s2", "s3") if feed.is_revoked(caller("u", sid, 0))] == ["s2", "s3"]
    # The question after a complete page says that it is in force.
    assert held[:5] == [[], ["s1"], ["s1"], ["s1"], ["s1"]]


@pytest.mark.parametrize("url", ["http://idp.example/feed", "ftp://localhost/feed", "idp.example"])
def test_an_address_without_tls_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpRevocationFeed(url, "secret")


@pytest.mark.parametrize("url", ["https://idp.example/feed", "http://localhost:3000/feed", "http://127.0.0.1/feed"])
def test_https_and_loopback_are_accepted(url: str) -> None:
    HttpRevocationFeed(url, "secret")


async def test_a_feed_that_is_started_several_times_follows_once_until_the_last_stop() -> None:
    asking = most = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asking, most
        asking += 1
        most = max(most, asking)
        try:
            await asyncio.sleep(0)
        finally:
            asking -= 1
        return good()

    before = asyncio.all_tasks()
    feed = feed_with(answer)
    for _ in range(2):
        await asyncio.gather(feed.start(), feed.start(), feed.start())
        await fresh(feed)
        assert len(asyncio.all_tasks() - before) == 1
        await asyncio.gather(feed.stop(), feed.stop())
        await fresh(feed)
        await asyncio.gather(feed.stop(), feed.start())
        await fresh(feed)
        assert feed.status().error is None
        await feed.stop()
        assert asyncio.all_tasks() == before
    await feed.stop()
    async with feed:
        await fresh(feed)
    assert asyncio.all_tasks() == before
    assert most == 1, "one question at a time"


async def test_a_start_after_a_stop_that_was_cancelled_waits_for_the_end_of_the_former_follower() -> None:
    closing, closed = asyncio.Event(), asyncio.Event()

    class Slow(HttpTransport):
        async def close(self) -> None:
            closing.set()
            await closed.wait()
            await super().close()

    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: good()))
    feed = RevocationFeed(Slow(URL, "secret", client=client, timeout=5, clock=boot_time))
    await feed.start()
    await fresh(feed)
    stopping = asyncio.create_task(feed.stop())
    await closing.wait()
    stopping.cancel()
    starting = asyncio.create_task(feed.start())
    try:
        await asyncio.sleep(0.01)
        assert stopping.cancelled()
        assert not starting.done()
    finally:
        closed.set()
    await starting
    await fresh(feed)
    await feed.stop()
