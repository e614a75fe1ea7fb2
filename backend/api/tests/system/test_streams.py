"""The backend-for-frontend streams: events as they come, and downloads and uploads no faster than they are taken."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import pytest

from scripts.database import embedded_database
from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder
from tests.system.people import form

MB = 1024 * 1024
SIZE = 200 * MB
UNDER_WAY = SIZE // 2
"""More than the kernel and the processes keep while nobody reads: Linux may let a socket that is read grow to 32 MB."""
OWN_BUFFER = (socket.SOL_SOCKET, socket.SO_RCVBUF, MB)
"""Keeps the sockets that the test reads from growing like that."""
STILL = 1.0
"""Seconds without another byte after which the sender counts as stopped."""


class StandIn(BaseHTTPRequestHandler):
    """In the API's place: a large file, a large upload, and events that wait for the test."""

    protocol_version = "HTTP/1.1"
    next_event: ClassVar[threading.Event] = threading.Event()
    may_read: ClassVar[threading.Event] = threading.Event()
    sent: ClassVar[int] = 0
    received: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        if self.path == "/api/events":
            self.events()
            return
        if self.path != "/api/large":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Disposition", 'attachment; filename="large.bin"')
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        for _ in range(SIZE // MB):
            self.wfile.write(b"x" * MB)
            StandIn.sent += MB

    def events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(3):
            self.next_event.wait(20)
            self.next_event.clear()
            self.wfile.write(f"id: {number}\ndata: after {self.headers.get('Last-Event-ID')}\n\n".encode())
            self.wfile.flush()

    def do_PUT(self) -> None:
        self.may_read.wait(60)
        left = int(self.headers["Content-Length"])
        read = 0
        while read < left:
            read += len(self.rfile.read(min(MB, left - read)))
        self.received.append(read)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not to the test's output."""


@pytest.fixture(scope="module")
def web() -> Iterator[RunningStack]:
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as api, short_lived_folder() as folder:
        api.socket.setsockopt(*OWN_BUFFER)
        threading.Thread(target=api.serve_forever, daemon=True).start()
        address = {"API_URL": f"http://127.0.0.1:{api.server_address[1]}"}
        with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls, address) as stack:
            stack.start("web")
            yield stack
        api.shutdown()


@pytest.fixture(scope="module")
def browser(web: RunningStack) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(socket_options=[OWN_BUFFER])
    with httpx.Client(base_url=web.web, headers={"Origin": web.web}, timeout=60, transport=transport) as client:
        client.post("/api/session/sign-up", json=form()).raise_for_status()
        yield client


def when_still(count: Callable[[], int]) -> int:
    """The count once it has not grown for a while."""
    last, since = count(), time.monotonic()
    while time.monotonic() - since < STILL:
        time.sleep(0.02)
        if (now := count()) != last:
            last, since = now, time.monotonic()
    return last


def test_an_event_arrives_when_it_is_sent(browser: httpx.Client) -> None:
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip", "Last-Event-ID": "7"}
    StandIn.next_event.set()
    with browser.stream("GET", "/api/backend/events", headers=headers) as answer:
        assert "content-encoding" not in answer.headers
        assert "no-transform" in answer.headers["cache-control"]
        events = answer.iter_text()
        for number in range(3):
            # The next one is sent only once this one has arrived.
            assert next(events) == f"id: {number}\ndata: after 7\n\n"
            StandIn.next_event.set()
    StandIn.next_event.clear()


def test_a_large_download_waits_for_its_reader(browser: httpx.Client) -> None:
    StandIn.sent = 0
    with browser.stream("GET", "/api/backend/large") as answer:
        assert answer.headers["content-disposition"] == 'attachment; filename="large.bin"'
        assert when_still(lambda: StandIn.sent) < UNDER_WAY
        assert sum(map(len, answer.iter_raw(MB))) == SIZE


def test_a_large_upload_waits_for_its_reader(browser: httpx.Client) -> None:
    given = 0

    def parts() -> Iterator[bytes]:
        nonlocal given
        for _ in range(SIZE // MB):
            given += MB
            yield b"x" * MB

    with ThreadPoolExecutor(1) as pool:
        headers = {"Content-Length": str(SIZE)}
        uploading = pool.submit(browser.put, "/api/backend/large", content=parts(), headers=headers)
        try:
            assert 0 < when_still(lambda: given) < UNDER_WAY
        finally:
            StandIn.may_read.set()
        assert uploading.result().status_code == 204
    assert StandIn.received == [SIZE]
