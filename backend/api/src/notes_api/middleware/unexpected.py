"""The last handler: an unexpected exception is logged with its traceback and answered with a plain 503."""

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notes_api.problems import problem_response

log = structlog.stdlib.get_logger(__name__)


class Unexpected:
    """Raises again only when the answer has begun, so that the server aborts the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except ClientDisconnect:
            log.info("client_disconnected")
        except Exception:
            log.exception("unexpected_error")
            if begun:
                raise
            await problem_response("service_unavailable")(scope, receive, send)
