"""Refusals as responses: RFC 9457 bodies, RFC 6750 headers."""

import json
import logging
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState

from resource_server.verification.errors import AuthenticationError

logger = logging.getLogger(__name__)

_POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1


def problem_response(error: AuthenticationError) -> Response:
    """The response of a refusal (RFC 9457, RFC 6750)."""
    body = json.dumps(error.problem, ensure_ascii=False, separators=(",", ":"))
    return Response(body, error.status, error.headers, media_type="application/problem+json")


def install_problem_handlers(app: Starlette) -> None:
    """Turn every AuthenticationError into its problem response, or into the end of a WebSocket that was accepted."""
    handler: Any = refuse
    app.add_exception_handler(AuthenticationError, handler)


def note_without_handler(connection: HTTPConnection, error: AuthenticationError) -> None:
    """Where a refusal has no handler and becomes a 500, add a note to its traceback that says what to add."""
    app = connection.scope.get("app")
    handled = getattr(app, "exception_handlers", None)
    if handled is not None and not any(isinstance(kind, type) and isinstance(error, kind) for kind in handled):
        error.add_note(
            f"This {type(app).__name__} has no handler for refusals: call auth.install(app) once, before its routes are"
            " declared (with an Authentication: install(app, authentication)); on a mounted application too."
        )


async def refuse(connection: HTTPConnection, error: Exception) -> Response | None:
    """The exception handler for AuthenticationError; anything else is raised again."""
    if not isinstance(error, AuthenticationError):
        raise error
    logger.info(
        "request refused: %s (%s)",
        error.code,
        error.reason,
        extra={"code": error.code, "rule": error.rule, "reason": error.reason, "path": connection.url.path},
    )
    if not isinstance(connection, WebSocket):
        return problem_response(error)
    state = connection.application_state
    if state is WebSocketState.CONNECTING and "websocket.http.response" in connection.scope.get("extensions", {}):
        await connection.send_denial_response(problem_response(error))
    elif state is not WebSocketState.DISCONNECTED:
        await connection.close(code=_POLICY_VIOLATION, reason=error.title)
    return None
