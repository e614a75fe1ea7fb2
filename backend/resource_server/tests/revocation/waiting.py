"""Waiting for a feed, within bounds."""

import asyncio
from collections.abc import Callable

from resource_server.revocation import RevocationFeed

MakeFeed = Callable[..., RevocationFeed]
PATIENCE = 30.0
STEP = 0.002


async def fresh(feed: RevocationFeed) -> None:
    """Wait until the feed knows all that was committed before this call."""
    async with asyncio.timeout(PATIENCE):
        await feed.refresh()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the feed does by itself."""
    async with asyncio.timeout(PATIENCE):
        for _ in range(int(PATIENCE / STEP)):
            if condition():
                return
            await asyncio.sleep(STEP)
    raise TimeoutError
