"""Kept HTTP connections, one to each worker of the API, so that every process can be asked."""

import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

AT_ONCE = 16
ROUNDS = 50
TIMEOUT = 15.0


@dataclass(frozen=True)
class Answer:
    """`code`: the problem's, or empty."""

    status: int
    code: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def let_in(self) -> bool:
        return self.status == 200

    @property
    def revoked(self) -> bool:
        return self.code == "token_revoked"


class Connection:
    """A kept connection to a server on this machine. One thread at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def local_port(self) -> int:
        return int(self._client.sock.getsockname()[1])

    def connect(self) -> None:
        self._client.connect()

    def close(self) -> None:
        self._client.close()

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: object | None = None
    ) -> Answer:
        """Raises OSError or http.client.HTTPException when the connection fails."""
        sent = {"Host": f"localhost:{self._port}", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        self._client.request(method, path, content, sent)
        response = self._client.getresponse()
        answer = response.read()
        code = ""
        if response.status >= 400:
            with suppress(ValueError):
                code = str(json.loads(answer).get("code", ""))
        return Answer(response.status, code, answer, dict(response.headers))

    def me(self, token: str) -> Answer:
        """The protected route."""
        return self.request("GET", "/api/me", {"Authorization": f"Bearer {token}"})


def owners(supervisor: int, port: int) -> dict[int, int]:
    """Which process holds each connection to the port: the client's port -> the worker's process id."""
    held = {}
    for worker in psutil.Process(supervisor).children():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            for connection in worker.net_connections("tcp"):
                if connection.raddr and connection.laddr.port == port:
                    held[connection.raddr.port] = worker.pid
    return held


def connect_to_each(supervisor: int, port: int, workers: int) -> dict[int, Connection]:
    """A connection to each of the workers, by process id.

    Raises RuntimeError when fewer than `workers` of them take connections.
    """
    found: dict[int, Connection] = {}
    for _ in range(ROUNDS):
        opened = [Connection(port) for _ in range(AT_ONCE)]
        for connection in opened:
            connection.connect()
        for connection in opened:
            connection.request("GET", "/healthz")
        held = owners(supervisor, port)
        for connection in opened:
            worker = held.get(connection.local_port)
            if worker is None or found.setdefault(worker, connection) is not connection:
                connection.close()
        if len(found) >= workers:
            return found
    raise RuntimeError(f"only {len(found)} of {workers} workers take connections")
