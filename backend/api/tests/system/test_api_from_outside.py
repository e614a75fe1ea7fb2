"""The API as it is started in production, seen by a stranger: bounds on connections, odd methods, closed doors."""

import json
from urllib.parse import urlsplit

import httpx
import pytest

from scripts.stack.isolated import RunningStack
from tests.fixtures.serving import connection, status_of, until_closed

MEGABYTE = 1024 * 1024
ODD_METHODS = ["TRACE", "PROPFIND", "CONNECT", "PURGE", "QUERY", "FOO", "get"]
TARGETS = ["/", "/api/me", "/api/notes", "/api/auth/sign-up", "/healthz", "*", "example.com:443", "http://example.com/"]


def ask(stack: RunningStack, request: bytes) -> bytes:
    url = urlsplit(stack.api)
    assert url.port is not None
    with connection(("127.0.0.1", url.port)) as connected:
        try:
            connected.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        return until_closed(connected)


def test_endless_header_fields_are_refused(stack: RunningStack) -> None:
    endless = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * MEGABYTE
    assert status_of(ask(stack, endless)) == 431
    assert ask(stack, endless * 20)[:12] in {b"HTTP/1.1 431", b""}
    assert httpx.get(f"{stack.api}/healthz").status_code == 200


@pytest.mark.parametrize("method", ODD_METHODS)
@pytest.mark.parametrize("target", TARGETS)
def test_an_unknown_method_is_a_client_error(stack: RunningStack, method: str, target: str) -> None:
    for version in ("1.0", "1.1"):
        request = f"{method} {target} HTTP/{version}\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
        answer = ask(stack, request.encode())
        assert status_of(answer) in {400, 401, 404, 405}, answer
        assert isinstance(json.loads(answer.partition(b"\r\n\r\n")[2])["code"], str)


@pytest.mark.parametrize("path", ["/api/auth/sign-up", "/api/auth/token", "/api/me", "/api/notes"])
def test_trace_is_not_allowed(api: httpx.Client, path: str) -> None:
    answer = api.request("TRACE", path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "TRACE" not in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_documentation_is_closed(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 404


def test_metrics_and_the_reasons_of_readiness_are_closed(stack: RunningStack, api: httpx.Client) -> None:
    assert api.get("/metrics").status_code == 401
    assert api.get("/readyz").json() == {"status": "ready", "checks": None, "revocations": None}
    assert stack.ask_management("/metrics").status_code == 200
    assert stack.ask_management("/readyz").json()["checks"]["database"] == "ok"


@pytest.mark.parametrize("path", ["/api/auth/get-session", "/api/auth/token", "/api/me", "/api/notes"])
def test_no_personal_answer_may_be_stored_whoever_answers(api: httpx.Client, path: str) -> None:
    assert "no-store" in api.get(path).headers["cache-control"]
