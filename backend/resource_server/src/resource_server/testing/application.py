"""Running an ASGI application in a test, with its lifespan and without a server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


@asynccontextmanager
async def running(app: Starlette, base_url: str = "http://testserver") -> AsyncIterator[httpx.AsyncClient]:
    """Run the application's lifespan, and yield an HTTP client whose requests have the lifespan's state."""
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url=base_url) as client:
            yield client
