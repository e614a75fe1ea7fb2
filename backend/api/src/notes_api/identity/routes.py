"""`/api/auth/*`, relayed to the identity provider, and `GET /api/me`."""

import asyncio
import re
from collections.abc import Coroutine
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from notes_api.access import CurrentPrincipal
from notes_api.identity.headers import client_address, to_identity_provider
from notes_api.identity.relay import Answer, Relay
from notes_api.identity.schemas import Me
from notes_api.problems import Problem
from notes_api.settings import Settings
from resource_server.fastapi import AuthenticatedRoute

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
REQUEST_LIMIT = 64 * 1024
PLAIN_PATH = re.compile(rb"/api/auth(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+")
"""No empty segment, dot segment or escape, which this server and the next one could read differently."""

router = APIRouter(tags=["identity"], route_class=AuthenticatedRoute)


@router.api_route("/api/auth/{path:path}", methods=METHODS, include_in_schema=False)
async def relay(request: Request) -> Response:
    path = request.scope["raw_path"]
    if not PLAIN_PATH.fullmatch(path):
        raise Problem("not_found")
    settings: Settings = request.state.settings
    peer = request.client.host if request.client else None
    client = client_address(peer, request.headers.getlist("x-forwarded-for"), settings.trusted_proxies)
    headers = to_identity_provider(request.headers.raw, client, request.state.request_id, settings.client_ip_header)
    query = request.scope["query_string"]
    identity_provider: Relay = request.state.relay
    body = await read_body(request)
    target = path + (b"?" + query if query else b"")
    answer = await unless_gone(request, identity_provider.send(request.method, target, headers, body))
    response = Response(answer.body, answer.status)
    response.raw_headers = answer.headers
    return response


async def read_body(request: Request) -> bytes:
    """Raises Problem `payload_too_large` as soon as there is too much of it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > REQUEST_LIMIT:
            raise Problem("payload_too_large")
    return bytes(body)


async def unless_gone(request: Request, sending: Coroutine[None, None, Answer]) -> Answer:
    """Cancels a relayed request whose caller has gone: if it still waits, the identity provider need not begin it.

    Raises:
        ClientDisconnect: the caller has gone before the answer.
    """
    sent, leaving = asyncio.create_task(sending), asyncio.create_task(until_gone(request))
    try:
        await asyncio.wait((sent, leaving), return_when=asyncio.FIRST_COMPLETED)
        if sent.done():
            return sent.result()
        raise ClientDisconnect
    finally:
        sent.cancel()
        leaving.cancel()


async def until_gone(request: Request) -> None:
    """To be called once the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.get("/api/me", response_model=Me)
async def read_me(caller: CurrentPrincipal) -> Me:
    """Who am I: the caller as the access token says, and until when."""
    return Me(
        subject=caller.subject,
        session_id=caller.session_id,
        email=caller.email,
        email_verified=caller.email_verified,
        name=caller.name,
        actor=caller.actor,
        roles=sorted(caller.roles),
        scopes=sorted(caller.scopes),
        issued_at=datetime.fromtimestamp(caller.issued_at, UTC),
        expires_at=datetime.fromtimestamp(caller.expires_at, UTC),
    )
