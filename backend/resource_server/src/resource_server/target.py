"""The running resource server that `python -m resource_server` examines, from a name such as ``module:attribute``."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.several import AnyResourceServer, ResourceServers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    Message = dict[str, Any]


class NoResourceServer(ValueError):
    """There is no resource server under the name; the message is one line that says why."""


def load(name: str) -> object:
    """What ``module:attribute`` names; with ``()`` at the end it is called. Raises NoResourceServer."""
    module, _, attribute = name.partition(":")
    called = attribute.endswith("()")
    attribute = attribute.removesuffix("()")
    if not module or not attribute:
        raise NoResourceServer(f"{name!r} is not of the form module:name, such as application:auth")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise NoResourceServer(f"no module {error.name!r} is found from this folder") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise NoResourceServer(f"{module} has no {attribute!r}")
        found = getattr(found, part)
    return found() if called and callable(found) else found


@asynccontextmanager
async def running(found: object) -> AsyncIterator[list[AnyResourceServer]]:
    """The servers of settings, a server, an ``Auth`` or an ASGI application, while in the context."""
    if isinstance(found, ResourceServerSettings):
        found = ResourceServer(found)
    if isinstance(found, ResourceServer | ResourceServers):
        async with found as server:
            yield [server]
        return
    lifespan = getattr(found, "lifespan", None)
    entered = lifespan(found) if callable(lifespan) else _application(found) if callable(found) else None
    if not isinstance(entered, AbstractAsyncContextManager):
        raise NoResourceServer(
            f"a {type(found).__name__} is no Auth, ResourceServer, ResourceServerSettings or application"
        )
    async with entered as state:
        servers = [value for value in (state or {}).values() if isinstance(value, ResourceServer | ResourceServers)]
        if not servers:
            raise NoResourceServer("the application's lifespan yields no ResourceServer")
        yield servers


@asynccontextmanager
async def _application(app: Any) -> AsyncIterator[Mapping[str, Any]]:  # noqa: ANN401  any ASGI application
    """The state of an ASGI application that was started; it is stopped after."""
    state: dict[str, Any] = {}
    to, out = asyncio.Queue["Message"](), asyncio.Queue["Message"]()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
    task = asyncio.create_task(app(scope, to.get, out.put))
    await to.put({"type": "lifespan.startup"})
    answer = asyncio.create_task(out.get())
    await asyncio.wait({task, answer}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done() or answer.result()["type"] != "lifespan.startup.complete":
        answer.cancel()
        failure = task.exception() if task.done() else None
        task.cancel()
        raise NoResourceServer(f"the application does not start{f': {failure!r}' if failure else ''}")
    try:
        yield state
    finally:
        await to.put({"type": "lifespan.shutdown"})
        await task
