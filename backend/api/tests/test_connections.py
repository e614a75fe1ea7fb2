"""What a connection may cost: bytes and seconds of a request, seconds of taking the answer, and their number."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

from notes_api.serving.protocol import BoundedProtocol
from tests.fixtures.serving import PATIENCE, connection, served, status_of, until_closed

Address = tuple[str, int]
TICK = 0.05
EVENTS = 12
MEGABYTE = 1024 * 1024


class Impatient(BoundedProtocol):
    """Bounds that a test can wait for; the bytes are the real ones."""

    head_seconds = 0.4
    body_seconds = 0.4
    write_seconds = 0.4
    interval = 0.02
    most_connections = 8


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def hello() -> PlainTextResponse:
        return PlainTextResponse("hello")

    @app.post("/")
    async def size(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    @app.post("/unread")
    async def unread() -> PlainTextResponse:
        return PlainTextResponse("not read")

    @app.get("/events")
    async def events() -> StreamingResponse:
        async def slowly() -> AsyncIterator[str]:
            for number in range(EVENTS):
                yield f"data: {number}\n\n"
                await asyncio.sleep(TICK * 2)

        return StreamingResponse(slowly(), media_type="text/event-stream")

    @app.get("/large")
    async def large() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(64):
                yield b"x" * MEGABYTE

        return StreamingResponse(pieces())

    return app


@pytest.fixture(params=["uvloop", "asyncio"])
def address(request: pytest.FixtureRequest) -> Iterator[Address]:
    with served(application(), Impatient, request.param) as where:
        yield where


def ask(address: Address, request: bytes) -> bytes:
    with connection(address) as connected:
        connected.sendall(request)
        return until_closed(connected)


def code_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"connection: close" in head.lower()
    return status_of(answer), str(json.loads(body)["code"])


def test_header_fields_up_to_the_limit_are_read(address: Address) -> None:
    field = b"X-Long: " + b"a" * 30_000 + b"\r\n"
    answer = ask(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + field + b"\r\n")
    assert (status_of(answer), answer[-5:]) == (200, b"hello")


ENDLESS = {
    "one header field": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", b"a" * 65_536),
    "many header fields": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-More: and more\r\n" * 4_096),
    "a request line": (b"GET /", b"a" * 65_536),
    "trailer fields": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
        b"X-T: a\r\n" * 8_192,
    ),
    "a chunk extension": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=", b"a" * 65_536),
    "empty lines": (b"", b"\r\n" * 32_768),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_endless_request_is_refused_after_a_bounded_number_of_bytes(address: Address, what: str) -> None:
    start, more = ENDLESS[what]
    sent = 0
    with connection(address) as connected:
        connected.sendall(start)
        try:
            while sent < 20 * MEGABYTE:
                connected.sendall(more)
                sent += len(more)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 20 * MEGABYTE


@pytest.mark.parametrize("what", ENDLESS)
def test_the_refusal_of_an_endless_request_reaches_the_client(address: Address, what: str) -> None:
    start, more = ENDLESS[what]
    assert code_of(ask(address, start + more)) == (431, "headers_too_large")


def test_a_connection_that_stays_silent_is_closed(address: Address) -> None:
    assert ask(address, b"") == b""


def test_a_half_sent_head_is_answered_and_closed(address: Address) -> None:
    assert code_of(ask(address, b"GET / HTTP/1.1\r\nHost: a\r\nX-")) == (408, "request_timeout")


def drip(connected: socket.socket, piece: bytes) -> None:
    """Sends a piece again and again, often enough that the connection is never silent."""
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            connected.sendall(piece)
            time.sleep(TICK)
    except OSError:
        pass


DRIPS = {
    "a head, byte by byte": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"a"),
    "empty lines": (b"", b"\r\n"),
    "a body, byte by byte": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", b"a"),
    "a body that nobody reads": (b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", b"a"),
    "empty lines after an answer": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_a_client_that_sends_too_slowly_is_disconnected(address: Address, what: str) -> None:
    start, piece = DRIPS[what]
    with connection(address) as connected:
        connected.sendall(start)
        threading.Thread(target=drip, args=(connected, piece), daemon=True).start()
        started = time.monotonic()
        answer = until_closed(connected)
    assert time.monotonic() - started < PATIENCE / 2
    assert not answer or status_of(answer) in {200, 408}


def test_a_body_that_arrives_in_time_is_read(address: Address) -> None:
    with connection(address) as connected:
        connected.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 100\r\n\r\n")
        connected.sendall(b"a" * 50)
        time.sleep(TICK)
        connected.sendall(b"a" * 50)
        assert until_closed(connected).endswith(b"100")


def test_a_large_body_is_read_whole(address: Address) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (8 * MEGABYTE)
    assert ask(address, head + b"a" * 8 * MEGABYTE).endswith(b"%d" % (8 * MEGABYTE))


def test_requests_that_follow_one_another_in_one_packet_are_all_answered(address: Address) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" + b"a" * 9000
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = ask(address, request * 20 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 21


def test_an_answer_that_is_produced_slowly_is_not_aborted(address: Address) -> None:
    answer = ask(address, b"GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert 2 * Impatient.head_seconds < TICK * 2 * EVENTS
    assert answer.count(b"data: ") == EVENTS


def test_an_answer_that_is_read_slowly_is_not_aborted(address: Address) -> None:
    received = 0
    with connection(address) as connected:
        connected.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while piece := connected.recv(MEGABYTE):
            received += len(piece)
            time.sleep(0.01)
    assert received > 64 * MEGABYTE


def test_an_answer_that_nobody_reads_is_dropped(address: Address) -> None:
    with connection(address) as connected:
        connected.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(Impatient.write_seconds * 3)
        received = until_closed(connected)
    assert 0 < len(received) < 64 * MEGABYTE


def test_connections_above_the_limit_get_a_503_and_further_ones_are_closed(address: Address) -> None:
    request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with ExitStack() as held:
        for _ in range(Impatient.most_connections):
            held.enter_context(connection(address))
        time.sleep(TICK)
        with connection(address) as above:
            above.sendall(request)
            answer = until_closed(above)
    assert code_of(answer) == (503, "overloaded")
    assert b"retry-after:" in answer
    time.sleep(TICK)
    assert status_of(ask(address, request)) == 200


NOT_HTTP = [
    b"\x16\x03\x01\x02\x00\x01",
    b"hello\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n",
]


@pytest.mark.parametrize("request_line", NOT_HTTP)
def test_a_malformed_request_is_a_problem_and_not_an_outage(address: Address, request_line: bytes) -> None:
    assert code_of(ask(address, request_line + b"\r\n\r\n")) == (400, "bad_request")
