"""Request id, access log and request metrics."""

import re
import time
import uuid

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.stdlib.get_logger("notes_api.access")

SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
HEADER = b"x-request-id"
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
PATH_DEPTH = 3
"""Segments of the path that are logged: Better Auth puts one-time tokens into deeper ones."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time from request to the end of the answer.", ["route"])


def request_id(scope: Scope) -> bytes:
    """The caller's X-Request-ID when it is harmless in a log, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and SANE_ID.fullmatch(value):
            return bytes(value)
    return uuid.uuid4().hex.encode()


class Observe:
    """Binds the request id to every log line of the request; the access log has no query string and no header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        identifier = request_id(scope)
        scope.setdefault("state", {})["request_id"] = identifier.decode()
        started, status = time.perf_counter(), 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, identifier)]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=identifier.decode()):
            try:
                await self.app(scope, receive, send_observed)
            finally:
                self.record(scope, status, time.perf_counter() - started)

    def record(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["type"] != "http":
            return
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"
        REQUESTS.labels(method, route, status).inc()
        SECONDS.labels(route).observe(seconds)
        write = log.debug if scope["path"] in QUIET_PATHS else log.info
        path = "/".join(scope["path"].split("/", PATH_DEPTH + 1)[: PATH_DEPTH + 1])
        write("request", method=method, path=path, status=status, milliseconds=round(seconds * 1000, 1))
