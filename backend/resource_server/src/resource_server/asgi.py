"""Protection of any ASGI application, whatever it is written with."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any, Final

from resource_server.bearer import bearer_token
from resource_server.readiness import log_faults
from resource_server.several import AnyResourceServer
from resource_server.verification.errors import AuthenticationError, TokenMissing
from resource_server.verification.permission import check_permission

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

_POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1


def everything(_scope: Scope) -> bool:
    """Every request and WebSocket is protected."""
    return True


class AuthenticationMiddleware:
    """ASGI middleware that passes on requests and WebSockets with a valid token, and answers the rest itself.

    The caller is ``scope["principal"]``. ``scopes`` and ``roles``: every one of them is needed. ``protects`` says of an
    ASGI scope whether it needs a token; where it does not, the principal is None unless a Bearer token was
    sent. The server is started and stopped by the ASGI lifespan, also for an application that has none.
    """

    def __init__(
        self,
        app: Application,
        server: AnyResourceServer,
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        protects: Callable[[Scope], bool] = everything,
    ) -> None:
        self._app = app
        self._server = server
        self._scopes = tuple(scopes)
        self._roles = frozenset(roles)
        self._protects = protects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            await self._run(scope, receive, send)
        elif scope["type"] in {"http", "websocket"}:
            await self._protect(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _protect(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            token = self._token(scope)
            principal = None if token is None else await self._server.authenticate(token)
            if principal is not None:
                check_permission(principal, self._scopes, self._roles)
        except AuthenticationError as error:
            logger.info(
                "request refused: %s (%s)",
                error.code,
                error.reason,
                extra={"code": error.code, "rule": error.rule, "reason": error.reason, "path": scope["path"]},
            )
            await refuse(scope, receive, send, error)
            return
        await self._app({**scope, "principal": principal}, receive, send)

    def _token(self, scope: Scope) -> str | None:
        if self._protects(scope):
            token = bearer_token(scope["headers"])
            if token is None:
                raise TokenMissing
            return token
        try:
            return bearer_token(scope["headers"])
        except TokenMissing:
            # Of another scheme, which is the application's own business.
            return None

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the lifespan, with the server started before and stopped after; answer for one that has none."""
        begun = False

        async def received() -> Message:
            nonlocal begun
            message = await receive()
            begun = True
            return message

        async with AsyncExitStack() as stack:
            started = False

            async def sent(message: Message) -> None:
                nonlocal started
                started = started or message["type"].startswith("lifespan.startup")
                await send(message)

            await stack.enter_async_context(self._server)
            stack.callback(asyncio.create_task(log_faults(self._server)).cancel)
            try:
                await self._app(scope, received, sent)
            except Exception:
                if started:
                    raise
            if not started:
                # The application does not support lifespan events, and so it raised (ASGI) or returned. The server is
                # needed even so.
                if not begun:
                    await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await stack.aclose()
                await send({"type": "lifespan.shutdown.complete"})


async def refuse(scope: Scope, receive: Receive, send: Send, error: AuthenticationError) -> None:
    """Answer a refusal (RFC 9457, RFC 6750); a WebSocket is closed before it is accepted."""
    prefix = "http.response"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": error.title})
            return
        prefix = "websocket.http.response"
    body = json.dumps(error.problem, ensure_ascii=False).encode()
    headers = {**error.headers, "Content-Type": "application/problem+json", "Content-Length": str(len(body))}
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": f"{prefix}.start", "status": error.status, "headers": encoded})
    await send({"type": f"{prefix}.body", "body": body})
