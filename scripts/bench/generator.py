"""A load generator: a number of kept-alive connections that ask again as soon as they are answered."""

import asyncio
import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from typing import cast

import uvloop

CONNECTIONS = 16


class Connection(asyncio.Protocol):
    """Sends one request after the other, and counts answers; each answer fits in one or more whole reads."""

    def __init__(self, requests: Iterator[bytes], deadline: float, done: asyncio.Future[None]) -> None:
        self.requests = requests
        self.deadline = deadline
        self.done = done
        self.good = self.bad = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(next(self.requests))

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
            self.transport.write(next(self.requests))
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if exc is not None:
            self.bad += 1


def share(path: str, tokens: list[str], number: int) -> Iterator[bytes]:
    """The requests of one connection: its part of the tokens in turn, begun anywhere; or one, where they are few."""
    own = tokens[number::CONNECTIONS] or [tokens[number % len(tokens)]]
    start = random.randrange(len(own))
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        for token in cycle(own[start:] + own[:start])
    )


async def load(port: int, path: str, tokens: list[str], seconds: float) -> float:
    """Good answers a second of `path`, the tokens shared out among the connections.

    Raises RuntimeError when any answer is not 200.
    """
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connections = []
    for number in range(CONNECTIONS):
        done: asyncio.Future[None] = loop.create_future()
        _, connection = await loop.create_connection(
            partial(Connection, share(path, tokens, number), started + seconds, done), "127.0.0.1", port
        )
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    elapsed = time.perf_counter() - started
    if any(connection.bad for connection in connections):
        raise RuntimeError(f"{path} answered otherwise than 200")
    return sum(connection.good for connection in connections) / elapsed


def measure(port: int, path: str, tokens: list[str], seconds: float) -> float:
    return uvloop.run(load(port, path, tokens, seconds))
