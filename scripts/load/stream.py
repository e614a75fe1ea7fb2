"""A browser's stream of server-sent events, held open as long as its session lives."""

from collections.abc import Callable
from urllib.parse import urlsplit

import gevent
from gevent import socket

from scripts.load.verdict import Outcome

SILENCE = 60.0
"""Seconds; the server sends a comment every twenty."""
CONNECT = 30.0
RETRY = 3.0
"""As browsers do, in seconds."""
REFUSALS = {"429", "503"}
OPEN = "browser: open the event stream"
TOLD = "browser: told of the end"
ENDED = b'"type":"ended"'


class EventStream:
    """Opens at once, in the background. `report` gets an action, when it began, its outcome and the reason."""

    def __init__(
        self,
        origin: str,
        cookies: str,
        address: str,
        report: Callable[[str, float, Outcome, str], None],
        now: Callable[[], float],
    ) -> None:
        parts = urlsplit(origin)
        self.place = (parts.hostname or "localhost", parts.port or 80)
        self.request = (
            f"GET /api/session/events HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/event-stream\r\n"
            f"Cookie: {cookies}\r\nX-Forwarded-For: {address}\r\n\r\n"
        ).encode()
        self.report, self.now = report, now
        self.ending: float | None = None
        self.running = gevent.spawn(self.run)

    def close(self) -> None:
        self.running.kill(block=False)

    def expect_end(self) -> None:
        """The session is about to be ended."""
        self.ending = self.now()

    def expect_life(self) -> None:
        """It was not ended after all."""
        self.ending = None

    def run(self) -> None:
        while self.is_refused():
            gevent.sleep(RETRY)

    def is_refused(self) -> bool:
        """Reads the stream to its end. True when it was refused with Retry-After: a browser opens it again."""
        begun = self.now()
        try:
            with socket.create_connection(self.place, timeout=CONNECT) as connected:
                connected.sendall(self.request)
                connected.settimeout(SILENCE)
                head = connected.recv(65_536)
                status = head[9:12].decode(errors="replace")
                if status in REFUSALS and b"retry-after" in head.lower():
                    self.report(OPEN, begun, "refused", status)
                    return True
                if status != "200":
                    self.report(OPEN, begun, "bad", status)
                    return False
                self.report(OPEN, begun, "good", "")
                begun = self.now()
                is_told = hears_of_the_end(connected, head)
        except OSError as error:
            self.report(OPEN, begun, "bad", f"{type(error).__name__}: {error}")
            return False
        why = "broke off" if not is_told else "" if self.ending is not None else "the session was not ended"
        self.report(TOLD, self.ending or begun, "bad" if why else "good", why)
        return False


def hears_of_the_end(connected: socket.socket, received: bytes) -> bool:
    while ENDED not in received:
        more = connected.recv(65_536)
        if not more:
            return False
        received = received[-256:] + more
    return True
