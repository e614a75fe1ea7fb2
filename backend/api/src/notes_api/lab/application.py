"""Composes a lab process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from starlette.middleware import Middleware

from notes_api.lab.followers import Followers, close_idle_for_ever
from notes_api.lab.ordinary import OrdinaryCheck
from notes_api.lab.routes import router
from notes_api.lab.settings import LabSettings
from notes_api.lifespan import tls
from notes_api.middleware.unexpected import Unexpected
from notes_api.problems import install_handlers
from resource_server import new_client


class State(TypedDict):
    """Each is an attribute of `request.state`."""

    settings: LabSettings
    followers: Followers
    ordinary: OrdinaryCheck


def create_lab_app(settings: LabSettings) -> FastAPI:
    """The application of one process. It connects to the database when a lab is opened."""
    app = FastAPI(
        title="Lab",
        lifespan=lifespan(settings),
        middleware=[Middleware(Unexpected)],
        openapi_url=None,
        redirect_slashes=False,
    )
    install_handlers(app)
    app.include_router(router)
    return app


def lifespan(settings: LabSettings) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[State]:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(new_client(verify=tls()))
            followers = Followers(settings, client)
            stack.push_async_callback(followers.close_all)
            closing = asyncio.create_task(close_idle_for_ever(followers), name="idle labs")
            stack.callback(closing.cancel)
            yield State(settings=settings, followers=followers, ordinary=OrdinaryCheck(settings.resource_server))

    return run
