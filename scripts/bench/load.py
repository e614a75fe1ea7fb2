"""A load generator: a number of kept-alive connections that ask again as soon as they are answered."""

import asyncio
import time
from functools import partial
from typing import cast

import uvloop

CONNECTIONS = 16


class Connection(asyncio.Protocol):
    """Sends `request` over and over, and counts answers; each answer fits in one or more whole reads."""

    def __init__(self, request: bytes, deadline: float, done: asyncio.Future[None]) -> None:
        self.request = request
        self.deadline = deadline
        self.done = done
        self.good = self.bad = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self.buffer = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.good += 1
        else:
            self.bad += 1
        if time.perf_counter() < self.deadline:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if exc is not None:
            self.bad += 1


async def load(port: int, paths_and_tokens: tuple[str, list[str]], seconds: float) -> float:
    """Good answers a second of `path`, each connection with a token of its own.

    Raises RuntimeError when any answer is not 200.
    """
    path, tokens = paths_and_tokens
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connections = []
    for number in range(CONNECTIONS):
        token = tokens[number % len(tokens)]
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        done: asyncio.Future[None] = loop.create_future()
        _, connection = await loop.create_connection(
            partial(Connection, request, started + seconds, done), "127.0.0.1", port
        )
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    elapsed = time.perf_counter() - started
    if any(connection.bad for connection in connections):
        raise RuntimeError(f"{path} answered otherwise than 200")
    return sum(connection.good for connection in connections) / elapsed


def measure(port: int, path: str, tokens: list[str], seconds: float) -> float:
    return uvloop.run(load(port, (path, tokens), seconds))
