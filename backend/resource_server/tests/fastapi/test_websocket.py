"""The FastAPI dependencies on WebSockets: a caller is accepted or refused before the connection is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Security, WebSocket
from starlette.types import Message

from resource_server.fastapi import Authentication, install
from resource_server.server import ResourceServer
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import TokenRevoked
from resource_server.verification.principal import Principal

authentication = Authentication()
Reader = Annotated[Principal, Security(authentication.required, scopes=["notes:read"])]


def _application(issuer: FakeIssuer) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, ResourceServer]]:
        async with issuer.client() as client, ResourceServer(issuer.settings, client=client) as server:
            yield {"resource_server": server}

    app = FastAPI(lifespan=lifespan)
    install(app, authentication)

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, principal: Reader) -> None:
        await websocket.accept()
        await websocket.send_text(principal.subject)
        await websocket.close()

    @app.websocket("/late")
    async def late(websocket: WebSocket) -> None:
        await websocket.accept()
        if websocket.query_params:
            await websocket.close()
        raise TokenRevoked

    return app


async def _connect(
    issuer: FakeIssuer, token: str | None, *, extensions: dict[str, Any], path: str = "/socket", query: bytes = b""
) -> list[Message]:
    """Everything that the application sends to a client which connects."""
    app = _application(issuer)
    received: asyncio.Queue[Message] = asyncio.Queue()
    await received.put({"type": "websocket.connect"})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with app.router.lifespan_context(app) as state:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": query,
            "headers": [(b"authorization", f"Bearer {token}".encode())] if token else [],
            "subprotocols": [],
            "extensions": extensions,
            "state": dict(state or {}),
        }
        await app(scope, received.get, send)
    return sent


async def test_a_valid_token_is_accepted(fake_issuer: FakeIssuer) -> None:
    sent = await _connect(fake_issuer, fake_issuer.token(scopes=["notes:read"]), extensions={})
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[1]["text"] == "user-1"


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("a.b.c", 401), ("unscoped", 403)])
async def test_a_refusal_is_a_problem_response_where_the_server_can_send_one(
    token: str | None, status: int, fake_issuer: FakeIssuer
) -> None:
    token = fake_issuer.token() if token == "unscoped" else token
    start, body = await _connect(fake_issuer, token, extensions={"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", status)
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert json.loads(body["body"])["status"] == status


async def test_a_refusal_closes_the_connection_where_the_server_cannot(fake_issuer: FakeIssuer) -> None:
    [close] = await _connect(fake_issuer, None, extensions={})
    assert (close["type"], close["code"]) == ("websocket.close", 1008)


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
@pytest.mark.parametrize(("query", "code"), [(b"", 1008), (b"closed", 1000)])
async def test_a_refusal_closes_a_connection_that_was_accepted_once(
    query: bytes, code: int, extensions: dict[str, Any], fake_issuer: FakeIssuer
) -> None:
    accept, close = await _connect(fake_issuer, None, extensions=extensions, path="/late", query=query)
    assert (accept["type"], close["type"], close["code"]) == ("websocket.accept", "websocket.close", code)
