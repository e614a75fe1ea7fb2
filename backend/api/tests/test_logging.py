"""Logs are structured, carry the request id, and never a token."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog

from notes_api.logging import configure_logging
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer


@contextmanager
def logging_into(settings: Settings) -> Iterator[io.StringIO]:
    """The service's own logging, written to a text instead of standard output."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level, configuration = root.handlers, root.level, structlog.get_config()
    configure_logging(settings)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    try:
        yield written
    finally:
        root.handlers, root.level = handlers, level
        structlog.configure(**configuration)


@pytest.fixture
def output(settings: Settings) -> Iterator[io.StringIO]:
    """What the service has logged, as JSON."""
    with logging_into(settings.model_copy(update={"log_format": "json"})) as written:
        yield written


def lines(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


async def test_each_line_of_a_request_has_its_id(client: httpx.AsyncClient, output: io.StringIO) -> None:
    await client.get("/api/me?hidden=1", headers={"X-Request-ID": "id-1"})
    logged = [line for line in lines(output) if line.get("request_id") == "id-1"]
    access = logged[-1]
    assert (access["event"], access["method"], access["path"], access["status"]) == ("request", "GET", "/api/me", 401)
    assert {"code": "token_missing", "reason": "no Bearer token was sent"}.items() <= logged[0].items()
    assert "hidden" not in str(logged)


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "new\tline", "é"])
async def test_a_request_id_with_unsafe_characters_is_replaced(client: httpx.AsyncClient, sent: str) -> None:
    response = await client.get("/healthz", headers=[(b"x-request-id", sent.encode())])
    assert response.headers["x-request-id"] not in {"", sent}


async def test_token_is_never_logged(client: httpx.AsyncClient, issuer: FakeIssuer, output: io.StringIO) -> None:
    token = issuer.token()
    log = structlog.stdlib.get_logger("test")
    log.error("failed", headers={"authorization": f"Bearer {token}"}, exc_info=RuntimeError(token))
    logging.getLogger("uvicorn.error").warning("refused %s", token)
    await client.get("/api/me", headers={"Authorization": f"Bearer {token}x"})
    await client.get(f"/{token}/{token}")
    await client.get("/api/auth/reset-password/one-time")
    text = output.getvalue()
    assert text.count("[token]") == 5
    assert token.split(".")[1] not in text
    assert "one-time" not in text


def test_servers_own_lines_are_structured(output: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started %d", 7, extra={"color_message": "Started \x1b[36m7"})
    (line,) = lines(output)
    assert {"event": "Started 7", "logger": "uvicorn.error", "level": "info"}.items() <= line.items()
    assert "color_message" not in line


def test_development_gets_readable_lines(settings: Settings) -> None:
    with logging_into(settings) as written:
        structlog.stdlib.get_logger("test").info("hello", answer=42)
    assert "answer=42" in written.getvalue()
