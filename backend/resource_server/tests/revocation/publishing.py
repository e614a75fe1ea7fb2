"""A publisher on NATS, in the background."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from resource_server.revocation.nats import NatsAccess, RevocationPublisher
from shared_fixtures.nats import PUBLISHER, NatsServer

from .waiting import until


@asynccontextmanager
async def publishing(dsn: str, server: NatsServer, pages: int = 2_000) -> AsyncIterator[RevocationPublisher]:
    """One that has been elected."""
    async with standing_by(dsn, server, pages) as publisher:
        await until(lambda: publisher.term is not None)
        yield publisher


@asynccontextmanager
async def standing_by(dsn: str, server: NatsServer, pages: int = 2_000) -> AsyncIterator[RevocationPublisher]:
    """One that may have to wait until it is elected."""
    publisher = RevocationPublisher(dsn, NatsAccess(server.url, *PUBLISHER), backoff=0.05, pages=pages)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.wait([task])
