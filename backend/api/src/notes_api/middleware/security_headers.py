"""Headers that stop browsers from treating the API's answers as pages, and caches from storing them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
UNKEPT = (b"cache-control", b"no-store")
"""Answers may be personal unless their route says otherwise."""
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
DOCUMENTATION = "/docs"
ASSETS = "/docs/assets/"


class SecurityHeaders:
    """Adds each header that the answer does not have yet; the documentation pages load scripts and get no policy."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = (*HEADERS, TRANSPORT) if https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        added = self.headers if path == DOCUMENTATION else (*self.headers, POLICY)
        if not path.startswith(ASSETS):
            added = (*added, UNKEPT)

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(item for item in added if item[0] not in present)]
            await send(message)

        await self.app(scope, receive, send_secured)
