"""`/api/auth/*` through the service as a client meets it, and `GET /api/me`."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
import respx
from starlette.types import Message

from notes_api.application import create_app
from notes_api.identity.routes import REQUEST_LIMIT
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer


async def parts(size: int) -> AsyncIterator[bytes]:
    """A body that is sent without its length."""
    for _ in range(size // 1024):
        yield b"x" * 1024


async def test_me_is_what_the_token_says(client: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    issued = int(issuer.clock())
    token = issuer.token(roles=["user", "admin"], scopes=["notes:write", "notes:read"], iat=issued, exp=issued + 60)
    response = await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    me = response.json()
    issued_at, expires_at = (datetime.fromisoformat(me.pop(name)) for name in ("issued_at", "expires_at"))
    assert (issued_at.timestamp(), expires_at.timestamp()) == (issued, issued + 60)
    assert me == {
        "subject": "user-1",
        "session_id": "session-1",
        "email": "user-1@example.com",
        "email_verified": True,
        "name": "A User",
        "actor": None,
        "roles": ["admin", "user"],
        "scopes": ["notes:read", "notes:write"],
    }


async def test_me_says_who_acts_as_the_caller(client: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    token = issuer.token(act={"sub": "admin-1"})
    me = (await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert (me["subject"], me["actor"]) == ("user-1", "admin-1")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_is_relayed(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter, method: str
) -> None:
    route = identity_provider.route(method=method, path="/api/auth/get-session").respond(200, text="yes")
    response = await client.request(method, "/api/auth/get-session?a=%2F&b")
    assert (response.status_code, response.text) == (200, "yes")
    assert route.calls.last.request.url.raw_path == b"/api/auth/get-session?a=%2F&b"


async def test_who_asked_is_passed_on_and_cookies_come_back(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter
) -> None:
    cookies = [("set-cookie", "a=1; HttpOnly"), ("set-cookie", "b=2")]
    route = identity_provider.post("/api/auth/sign-in").respond(200, headers=cookies, json={"user": {}})
    response = await client.post(
        "/api/auth/sign-in",
        json={"email": "ada@example.com"},
        headers={
            "Origin": "https://app.example.com",
            "Cookie": "s=1",
            "User-Agent": "browser",
            "X-Request-ID": "id-1",
            "X-Forwarded-For": "6.6.6.6",
        },
    )
    sent = route.calls.last.request.headers
    assert sent["origin"] == "https://app.example.com"
    assert sent["cookie"] == "s=1"
    assert sent["user-agent"] == "browser"
    assert sent["x-request-id"] == "id-1"
    assert sent["x-forwarded-for"] == "203.0.113.9"
    assert response.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]
    assert response.headers.get_list("x-request-id") == ["id-1"]
    assert response.json() == {"user": {}}


@pytest.mark.parametrize(
    "path",
    [
        "/api/auth/%2e%2e/me",
        "/api/auth/..%2fme",
        "/api/auth/%2fsign-up",
        "/api/auth//sign-up",
        "/api/auth/sign-up/",
        "/api/auth/",
        "/api/auth/sign%00up",
        "/api/auth/a%5c..%5cb",
        "/api/auth/%252e%252e/x",
    ],
)
async def test_path_that_two_servers_could_read_differently_is_not_relayed(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter, path: str
) -> None:
    route = identity_provider.route().respond(200)
    response = await client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert not route.called


@pytest.mark.parametrize("announced", [True, False])
async def test_body_is_capped(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter, *, announced: bool
) -> None:
    route = identity_provider.route().respond(200)
    for size, expected in ((REQUEST_LIMIT, 200), (REQUEST_LIMIT + 1024, 413)):
        response = await client.post("/api/auth/sign-up", content=b"x" * size if announced else parts(size))
        assert response.status_code == expected
    assert response.json()["code"] == "payload_too_large"
    assert route.call_count == 1


async def test_identity_provider_that_is_down_is_a_503_with_a_time_to_come_back(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter
) -> None:
    identity_provider.route().mock(side_effect=httpx.ConnectError("refused"))
    response = await client.post("/api/auth/sign-up", json={})
    assert (response.status_code, response.json()["code"]) == (503, "identity_provider_unavailable")
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == "application/problem+json"


async def test_refusal_of_the_identity_provider_passes_unchanged(
    client: httpx.AsyncClient, identity_provider: respx.MockRouter
) -> None:
    problem = b'{"type":"about:blank","status":422,"code":"email_taken"}'
    identity_provider.route().respond(422, headers={"content-type": "application/problem+json"}, content=problem)
    response = await client.post("/api/auth/sign-up", json={})
    assert (response.status_code, response.content) == (422, problem)
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_request_whose_caller_has_gone_is_given_up(settings: Settings) -> None:
    asked, left, given_up = asyncio.Event(), asyncio.Event(), asyncio.Event()
    sent: list[Message] = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        while await reader.read(1024):
            pass
        given_up.set()
        writer.close()

    body = iter([{"type": "http.request", "body": b"{}", "more_body": False}])

    async def receive() -> Message:
        for message in body:
            return message
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/auth/sign-up",
        "raw_path": b"/api/auth/sign-up",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        "client": ("203.0.113.9", 50_000),
        "server": ("api.test", 443),
        "scheme": "https",
    }
    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server, asyncio.timeout(10):
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        app = create_app(Settings.model_validate({**settings.model_dump(), "idp_url": address}))
        async with app.router.lifespan_context(app) as state:
            asking = asyncio.create_task(app({**scope, "state": dict(state or {})}, receive, send))
            await asked.wait()
            left.set()
            await given_up.wait()
            await asking
    assert sent == []
