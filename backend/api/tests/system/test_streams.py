"""The backend-for-frontend streams: events as they come, and downloads and uploads of any size in constant memory."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import psutil
import pytest

from scripts.database import embedded_database
from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder
from tests.system.people import form

MB = 1024 * 1024
SIZE = 100 * MB
GROWTH = 48 * MB
"""What Node's heap may add by chance while far more passes through."""


class StandIn(BaseHTTPRequestHandler):
    """In the API's place: a large file, a large upload, and events that wait for the test."""

    protocol_version = "HTTP/1.1"
    next_event: ClassVar[threading.Event] = threading.Event()
    received: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        if self.path == "/api/events":
            self.events()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Disposition", 'attachment; filename="large.bin"')
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        for _ in range(SIZE // MB):
            self.wfile.write(b"x" * MB)

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
        threading.Thread(target=api.serve_forever, daemon=True).start()
        address = {"API_URL": f"http://127.0.0.1:{api.server_address[1]}"}
        with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls, address) as stack:
            stack.start("web")
            yield stack
        api.shutdown()


@pytest.fixture(scope="module")
def browser(web: RunningStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.web, headers={"Origin": web.web}, timeout=60) as client:
        client.post("/api/session/sign-up", json=form()).raise_for_status()
        yield client


def memory(stack: RunningStack) -> int:
    process = psutil.Process(stack.running["web"].pid)
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


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


def test_a_large_download_passes_in_constant_memory(web: RunningStack, browser: httpx.Client) -> None:
    browser.get("/api/backend/large")
    before, most, read = memory(web), 0, 0
    with browser.stream("GET", "/api/backend/large") as answer:
        assert answer.headers["content-disposition"] == 'attachment; filename="large.bin"'
        for number, chunk in enumerate(answer.iter_raw(MB)):
            read += len(chunk)
            if number % 10 == 0:
                # A reader that is slower than the sender: what is not taken must not pile up in between.
                time.sleep(0.02)
                most = max(most, memory(web))
    assert read == SIZE
    assert most - before < GROWTH


def test_a_large_upload_passes_in_constant_memory(web: RunningStack, browser: httpx.Client) -> None:
    most = 0

    def parts() -> Iterator[bytes]:
        nonlocal most
        for number in range(SIZE // MB):
            if number % 10 == 0:
                most = max(most, memory(web))
            yield b"x" * MB

    before = memory(web)
    answer = browser.put("/api/backend/large", content=parts(), headers={"Content-Length": str(SIZE)})
    assert answer.status_code == 204
    assert StandIn.received == [SIZE]
    assert most - before < GROWTH
