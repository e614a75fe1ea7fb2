"""The relay repeats only what never left, and turns every absence of the identity provider into one 503."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from notes_api.identity import relay as module
from notes_api.identity.relay import Relay
from notes_api.lifespan import tls
from notes_api.problems import Problem

IDP = "http://idp.test"
TARGET = b"/api/auth/sign-up?next=%2Fhome"


@pytest.fixture
async def relay(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Relay]:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", (0.0, 0.0, 0.0))
    async with Relay(IDP, tls()) as relay:
        yield relay


@respx.mock
async def test_request_and_answer_pass_as_they_are(relay: Relay) -> None:
    cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")]
    route = respx.post(f"{IDP}/api/auth/sign-up").respond(201, headers=cookies, content=b'{"user":{}}')
    answer = await relay.send("POST", TARGET, [(b"cookie", b"s=1"), (b"content-type", b"application/json")], b"{}")
    sent = route.calls.last.request
    assert sent.url.raw_path == TARGET
    assert sent.content == b"{}"
    assert dict(sent.headers) == {
        "host": "idp.test",
        "cookie": "s=1",
        "content-type": "application/json",
        "content-length": "2",
    }
    assert answer.status == 201
    assert answer.body == b'{"user":{}}'
    assert [value for name, value in answer.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]


@respx.mock
async def test_redirect_is_the_callers_to_follow(relay: Relay) -> None:
    route = respx.get(url__startswith=IDP).respond(302, headers={"location": "https://elsewhere.example.com"})
    answer = await relay.send("GET", TARGET, [], b"")
    assert (answer.status, route.call_count) == (302, 1)
    assert (b"location", b"https://elsewhere.example.com") in answer.headers


@respx.mock
@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_connection_that_was_never_made_is_tried_again(relay: Relay, failure: Exception) -> None:
    route = respx.post(url__startswith=IDP).mock(side_effect=[failure, failure, httpx.Response(200)])
    answer = await relay.send("POST", TARGET, [], b"{}")
    assert (answer.status, route.call_count) == (200, 3)


@respx.mock
async def test_identity_provider_that_stays_down_is_given_up(relay: Relay) -> None:
    route = respx.post(url__startswith=IDP).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(Problem) as refused:
        await relay.send("POST", TARGET, [], b"{}")
    assert (refused.value.code, route.call_count) == ("identity_provider_unavailable", 4)


@respx.mock
@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("no answer"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed without an answer"),
        httpx.WriteError("reset"),
    ],
)
@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("POST", "outcome_unknown"),
        ("DELETE", "outcome_unknown"),
        ("GET", "identity_provider_unavailable"),
        ("HEAD", "identity_provider_unavailable"),
    ],
)
async def test_a_request_whose_answer_was_lost_is_neither_repeated_nor_reported_as_failed(
    relay: Relay, failure: Exception, method: str, code: str
) -> None:
    route = respx.request(method, url__startswith=IDP).mock(side_effect=failure)
    with pytest.raises(Problem) as refused:
        await relay.send(method, TARGET, [], b"{}")
    assert (refused.value.code, route.call_count) == (code, 1)


@respx.mock
async def test_request_that_found_no_connection_in_time_was_not_sent(relay: Relay) -> None:
    respx.post(url__startswith=IDP).mock(side_effect=httpx.PoolTimeout("full"))
    with pytest.raises(Problem) as refused:
        await relay.send("POST", TARGET, [], b"{}")
    assert (refused.value.code, refused.value.status_code) == ("overloaded", 503)


@respx.mock
@pytest.mark.parametrize(
    ("status", "code"), [(500, "outcome_unknown"), (502, "outcome_unknown"), (503, "identity_provider_unavailable")]
)
async def test_server_error_of_something_in_between_leaves_the_outcome_open(
    relay: Relay, status: int, code: str
) -> None:
    respx.post(url__startswith=IDP).respond(status, html="<h1>Bad gateway</h1>")
    with pytest.raises(Problem) as refused:
        await relay.send("POST", TARGET, [], b"{}")
    assert refused.value.code == code


@respx.mock
async def test_idempotency_key_and_retry_after_pass(relay: Relay) -> None:
    busy = {"retry-after": "3", "content-type": "application/problem+json"}
    route = respx.post(url__startswith=IDP).respond(503, headers=busy, content=b"{}")
    answer = await relay.send("POST", TARGET, [(b"idempotency-key", b"once")], b"{}")
    assert route.calls.last.request.headers["idempotency-key"] == "once"
    assert (answer.status, (b"retry-after", b"3") in answer.headers) == (503, True)


@respx.mock
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_error_without_a_problem_is_unavailable(relay: Relay, status: int) -> None:
    respx.get(url__startswith=IDP).respond(status, html="<h1>stack trace</h1>")
    with pytest.raises(Problem) as refused:
        await relay.send("GET", TARGET, [], b"")
    assert refused.value.code == "identity_provider_unavailable"


@respx.mock
@pytest.mark.parametrize(
    ("status", "content_type"), [(503, "application/problem+json"), (429, "application/json"), (422, "text/html")]
)
async def test_answer_that_is_the_identity_providers_own_passes(relay: Relay, status: int, content_type: str) -> None:
    respx.get(url__startswith=IDP).respond(status, headers={"content-type": content_type}, content=b"{}")
    assert (await relay.send("GET", TARGET, [], b"")).status == status


@respx.mock
async def test_answer_is_capped(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESPONSE_LIMIT", 10)
    respx.get(url__startswith=IDP).mock(side_effect=[httpx.Response(200, content=b"x" * n) for n in (10, 11)])
    assert len((await relay.send("GET", TARGET, [], b"")).body) == 10
    with pytest.raises(Problem):
        await relay.send("GET", TARGET, [], b"")


async def test_whole_request_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then never trips a time-out per read."""

    gone = asyncio.Event()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.transport.abort()
        gone.set()

    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.1)
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server, asyncio.timeout(2):
        port = server.sockets[0].getsockname()[1]
        async with Relay(f"http://127.0.0.1:{port}", tls()) as relay:
            with pytest.raises(Problem) as refused:
                await relay.send("GET", TARGET, [], b"")
            await gone.wait()
    assert refused.value.code == "identity_provider_unavailable"


async def test_a_refused_connection_is_unavailable(relay: Relay) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    relay.identity_provider = httpx.URL(f"http://127.0.0.1:{port}")
    with pytest.raises(Problem) as refused:
        await relay.send("POST", TARGET, [], b"{}")
    assert refused.value.code == "identity_provider_unavailable"
