"""A WebSocket of a browser, which can't send an Authorization header, is accepted by a ticket."""

from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from starlette.types import Message

from resource_server.fastapi import Auth, Principal
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer
from resource_server.tickets import FileTickets, Tickets


@pytest.fixture
def app(fake_issuer: FakeIssuer, tmp_path: Path) -> FastAPI:
    auth = Auth(fake_issuer.settings, client=fake_issuer.client())
    tickets = Tickets("a secret that only these tests know of", FileTickets(tmp_path))
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.post("/ticket")
    async def ticket(caller: Annotated[Principal, auth.requires()]) -> str:
        return tickets.issue(caller, "/live")

    @app.websocket("/live")
    async def live(socket: WebSocket, caller: Annotated[Principal, auth.accepts_ticket(tickets, "notes:read")]) -> None:
        await socket.accept()
        await socket.send_text(caller.subject)
        await socket.close()

    return app


async def connect(app: FastAPI, query: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/live", "query_string": query.encode(), "headers": [], "subprotocols": []}
    await app(scope, receive, send)
    return sent


async def new_ticket(client: httpx.AsyncClient, issuer: FakeIssuer, *scopes: str) -> str:
    answer = await client.post("/ticket", headers={"Authorization": f"Bearer {issuer.token(scopes=scopes)}"})
    return str(answer.json())


async def test_a_ticket_opens_one_connection(app: FastAPI, fake_issuer: FakeIssuer) -> None:
    async with running(app) as client:
        ticket = await new_ticket(client, fake_issuer, "notes:read")
        opened = await connect(app, f"ticket={ticket}")
        again = await connect(app, f"ticket={ticket}")
    assert [message.get("text") for message in opened if message["type"] == "websocket.send"] == ["user-1"]
    assert [message["type"] for message in again] == ["websocket.close"]


async def test_without_a_valid_ticket_or_the_scope_the_connection_is_refused(
    app: FastAPI, fake_issuer: FakeIssuer
) -> None:
    async with running(app) as client:
        lacking = await new_ticket(client, fake_issuer)
        for query in ("", "ticket=nonsense", f"ticket={lacking}", f"ticket={fake_issuer.token()}"):
            assert [message["type"] for message in await connect(app, query)] == ["websocket.close"]
