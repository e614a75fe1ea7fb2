"""A cap on the request's body, counted while it streams in."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notes_api.problems import Problem


class BodyLimit:
    """Raises `payload_too_large` from `receive` once a body has more than `limit` bytes, announced or sent."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.limit:
                    raise Problem("payload_too_large")
            return message

        await self.app(scope, receive_limited, send)
