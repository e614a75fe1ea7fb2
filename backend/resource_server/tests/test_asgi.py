"""The ASGI middleware, around applications without a framework."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from resource_server.asgi import AuthenticationMiddleware, Message, Receive, Scope, Send
from resource_server.server import ResourceServer
from resource_server.testing.issuer import FakeIssuer


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who the caller is. Knows no lifespan, and so raises."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": scope["principal"].subject})
        return
    if scope["type"] != "http":
        raise ValueError(f"no {scope['type']} here")
    caller = scope["principal"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": caller.subject.encode() if caller else b"anonymous"})


async def with_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """The same with a lifespan of its own."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
    else:
        await application(scope, receive, send)


async def for_http_alone(scope: Scope, receive: Receive, send: Send) -> None:
    """The same, which returns from whatever else there is."""
    if scope["type"] in {"http", "websocket"}:
        await application(scope, receive, send)


@pytest.fixture(params=[application, with_lifespan, for_http_alone])
async def protected(request: pytest.FixtureRequest, fake_issuer: FakeIssuer) -> AsyncIterator[AuthenticationMiddleware]:
    """The application as a server runs it: its lifespan is begun before the test, and ended after."""
    app = AuthenticationMiddleware(
        request.param,
        ResourceServer(fake_issuer.settings, client=fake_issuer.client()),
        scopes=["notes:read"],
        protects=lambda scope: scope["path"] != "/public",
    )
    orders: asyncio.Queue[Message] = asyncio.Queue()
    answers: asyncio.Queue[Message] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan"}, orders.get, answers.put))
    await orders.put({"type": "lifespan.startup"})
    assert (await answers.get())["type"] == "lifespan.startup.complete"
    yield app
    await orders.put({"type": "lifespan.shutdown"})
    assert (await answers.get())["type"] == "lifespan.shutdown.complete"
    await running


@pytest.fixture
async def client(protected: AuthenticationMiddleware) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=protected)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        yield client


def bearer(issuer: FakeIssuer, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token(scopes=scopes)}"}


async def test_requests_are_accepted_or_refused(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    assert (await client.get("/", headers=bearer(fake_issuer, "notes:read"))).text == "user-1"
    missing = await client.get("/")
    assert (missing.status_code, missing.json()["code"]) == (401, "token_missing")
    assert (missing.headers["www-authenticate"], missing.headers["cache-control"]) == ("Bearer", "no-store")
    assert missing.headers["content-type"] == "application/problem+json"
    assert (await client.get("/", headers=bearer(fake_issuer))).status_code == 403
    assert (await client.get("/", headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_a_public_path_needs_no_token_but_refuses_an_invalid_one(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    assert (await client.get("/public")).text == "anonymous"
    assert (await client.get("/public", headers=bearer(fake_issuer, "notes:read"))).text == "user-1"
    assert (await client.get("/public", headers={"Authorization": "Bearer nonsense"})).status_code == 401
    of_another_scheme = {"Authorization": "Basic YWRhOmFkYQ=="}
    assert (await client.get("/public", headers=of_another_scheme)).text == "anonymous"
    assert (await client.get("/", headers=of_another_scheme)).status_code == 401


async def connect(app: AuthenticationMiddleware, token: str | None, extensions: dict[str, Any]) -> list[Message]:
    headers = [] if token is None else [(b"authorization", b"Bearer " + token.encode())]
    scope = {"type": "websocket", "path": "/", "headers": headers, "extensions": extensions}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def test_a_websocket_is_refused_before_it_is_accepted(
    protected: AuthenticationMiddleware, fake_issuer: FakeIssuer
) -> None:
    good = await connect(protected, fake_issuer.token(scopes=["notes:read"]), {})
    assert [message["type"] for message in good] == ["websocket.accept", "websocket.send"]
    (closed,) = await connect(protected, None, {})
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    start, body = await connect(protected, None, {"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert json.loads(body["body"])["code"] == "token_missing"
