"""Uvicorn's HTTP protocol with bounds on how much a client may send, how slowly, and on the number of connections.

`python -m notes_api` serves with it. Uvicorn itself bounds only an idle connection that was used
before (`--timeout-keep-alive`).
"""

import asyncio
from asyncio import TimerHandle
from typing import cast

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from notes_api.generated.errors import ErrorCode
from notes_api.problems import problem_response
from notes_api.serving.descriptors import connections_for

PIECE = 4096
"""Bytes of a head that are parsed at once, by which a head may exceed its limit."""
FRAMING_PER_BYTE = 8
"""Bytes of chunk framing for each byte of a body; a client that sends single bytes needs five."""
LINGER_SECONDS = 2.0
LINGER_BYTES = 1024 * 1024
"""How much data of a refused client is read and discarded, so that the refusal reaches it (RFC 9112, 9.6)."""


async def overloaded(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of connections above the limit."""
    await problem_response("overloaded", headers={"Connection": "close"})(scope, receive, send)


class BoundedProtocol(HttpToolsProtocol):
    """A long answer is never aborted as long as the client reads; only what the client sends has deadlines."""

    head_bytes = 32 * 1024
    """Request line, header fields, trailer fields and chunk framing."""
    head_seconds = 10.0
    """From the connection, or from the first byte of a later request, to the end of its header fields."""
    body_seconds = 60.0
    """From the end of the header fields to the end of the body; time in which the application does not read is free."""
    write_seconds = 30.0
    """How long a client may read nothing of an answer."""
    most_connections = connections_for(4000)
    """Of one worker. Above it requests are answered 503; an eighth above that, connections are closed at once."""
    interval = 1.0
    """Seconds between two checks of the deadlines."""

    watch: TimerHandle | None = None
    deadline: float | None = None
    receiving = False
    refused = False
    framing = 0
    body_received = 0
    thrown_away = 0
    messages = 0
    unsent = 0
    taken_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > self.most_connections * 9 // 8:
            self.transport.abort()
            return
        if len(self.connections) > self.most_connections:
            self.app = overloaded
        self.taken_at = self.loop.time()
        self.deadline = self.taken_at + self.head_seconds
        self.watch = self.loop.call_later(self.interval, self.look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.watch is not None:
            self.watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.refused:
            self.thrown_away += len(data)
            if self.thrown_away > LINGER_BYTES:
                self.transport.abort()
            return
        rest = memoryview(data)
        while rest and not (self.refused or self.transport.is_closing()):
            piece = rest[:PIECE] if self.body_received == 0 else rest
            rest = rest[len(piece) :]
            body, messages = self.body_received, self.messages
            super().data_received(data if len(piece) == len(data) else bytes(piece))
            if self.messages == messages:
                self.framing += len(piece) - (self.body_received - body)
            if self.framing > self.head_bytes + FRAMING_PER_BYTE * self.body_received:
                self.refuse("headers_too_large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.receiving, self.framing, self.body_received = True, 0, 0
        if self.messages:
            self.deadline = self.loop.time() + self.head_seconds

    def on_headers_complete(self) -> None:
        self.deadline = self.loop.time() + self.body_seconds
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body_received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.receiving, self.framing, self.body_received = False, 0, 0
        self.messages += 1
        self.deadline = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not (self.receiving or self.pipeline):
            self.deadline = self.loop.time() + self.head_seconds
        elif self.receiving and self.body_received:
            self.deadline = self.loop.time() + LINGER_SECONDS

    def resume_writing(self) -> None:
        self.taken_at = self.loop.time()
        super().resume_writing()

    def look(self) -> None:
        """Aborts the connection when the client has missed a deadline."""
        now = self.loop.time()
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent < self.unsent:
            self.taken_at = now
        self.unsent = unsent
        if now - self.taken_at >= self.write_seconds:
            self.transport.abort()
            return
        if self.deadline is not None and now >= self.deadline:
            if self.refused:
                self.transport.abort()
                return
            if self.flow.read_paused:
                self.deadline = now + self.body_seconds
            else:
                self.time_out()
        self.watch = self.loop.call_later(self.interval, self.look)

    def time_out(self) -> None:
        self.deadline = None
        if self.receiving:
            self.refuse("request_timeout")
        elif not self.transport.is_closing():
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the parser's words are no sentence for a client
        self.refuse("bad_request")

    def refuse(self, code: ErrorCode) -> None:
        """Answers with a problem and accepts no further request; an answer that has begun can only be aborted."""
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or self.pipeline:
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        response = problem_response(code, headers={"Connection": "close"})
        headers = [*self.server_state.default_headers, *response.raw_headers]
        fields = b"".join(b"%s: %s\r\n" % field for field in headers)
        self.transport.write(STATUS_LINE[response.status_code] + fields + b"\r\n" + bytes(response.body))
        if self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
            self.deadline = self.loop.time() + LINGER_SECONDS
        else:
            self.transport.close()
