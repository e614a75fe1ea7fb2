"""`/api/auth/*` through the service as a client meets it, and `GET /api/me`."""

from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from api.identity.routes import REQUEST_LIMIT
from fixtures.service import Issuer


async def parts(size: int) -> AsyncIterator[bytes]:
    """A body that is sent without its length."""
    for _ in range(size // 1024):
        yield b"x" * 1024


async def test_me_is_what_the_token_says(client: httpx.AsyncClient, issuer: Issuer) -> None:
    token = issuer.token(iat=1_700_000_000, exp=4_000_000_000, sub="user-7", roles=["user", "admin"])
    refused = await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert refused.json()["code"] == "token_invalid"  # its life is longer than the ceiling
    response = await client.get("/api/me", headers={"Authorization": f"Bearer {issuer.token(roles=['b', 'a'])}"})
    me = response.json()
    assert response.status_code == 200
    assert (me["subject"], me["session_id"]) == ("user-1", "session-1")
    assert (me["email"], me["email_verified"], me["name"]) == ("ada@example.com", False, "Ada")
    assert (me["roles"], me["scopes"]) == (["a", "b"], ["notes:read", "notes:write"])
    assert me["issued_at"] < me["expires_at"]


@respx.mock
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_is_relayed(client: httpx.AsyncClient, issuer: Issuer, method: str) -> None:
    route = respx.route(method=method, url=f"{issuer.address}/api/auth/get-session?a=%2F&b").respond(200, text="yes")
    response = await client.request(method, "/api/auth/get-session?a=%2F&b")
    assert (response.status_code, response.text, route.call_count) == (200, "yes", 1)


@respx.mock
async def test_who_asked_is_passed_on_and_cookies_come_back(client: httpx.AsyncClient, issuer: Issuer) -> None:
    cookies = [("set-cookie", "a=1; HttpOnly"), ("set-cookie", "b=2")]
    route = respx.post(f"{issuer.address}/api/auth/sign-in").respond(200, headers=cookies, json={"user": {}})
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


@respx.mock
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
    client: httpx.AsyncClient, path: str
) -> None:
    route = respx.route().respond(200)
    response = await client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert not route.called


@respx.mock
@pytest.mark.parametrize("announced", [True, False])
async def test_body_is_capped(client: httpx.AsyncClient, announced: bool) -> None:
    route = respx.route().respond(200)
    for size, expected in ((REQUEST_LIMIT, 200), (REQUEST_LIMIT + 1024, 413)):
        response = await client.post("/api/auth/sign-up", content=b"x" * size if announced else parts(size))
        assert response.status_code == expected
    assert response.json()["code"] == "payload_too_large"
    assert route.call_count == 1


@respx.mock
async def test_identity_provider_that_is_down_is_a_503_with_a_time_to_come_back(client: httpx.AsyncClient) -> None:
    respx.route().mock(side_effect=httpx.ReadTimeout("no answer"))
    response = await client.post("/api/auth/sign-up", json={})
    assert (response.status_code, response.json()["code"]) == (503, "identity_provider_unavailable")
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == "application/problem+json"


@respx.mock
async def test_refusal_of_the_identity_provider_passes_unchanged(client: httpx.AsyncClient) -> None:
    problem = b'{"type":"about:blank","status":422,"code":"email_taken"}'
    respx.route().respond(422, headers={"content-type": "application/problem+json"}, content=problem)
    response = await client.post("/api/auth/sign-up", json={})
    assert (response.status_code, response.content) == (422, problem)
    assert response.headers["content-type"] == "application/problem+json"
