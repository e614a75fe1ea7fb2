"""One follower for each open lab: a resource server with a feed of its own, so that a fault touches no other lab."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from time import monotonic
from uuid import UUID

import httpx

from notes_api.lab.settings import LabSettings
from notes_api.revocation import heartbeat
from resource_server import ResourceServer
from resource_server.revocation import PostgresRevocationFeed

CAPACITY = 100
"""Labs in one process; the identity provider has a lower limit of its own."""
FIRST_LOAD_SECONDS = 5.0
IDLE_SECONDS = 60.0
CHECK_SECONDS = 10.0


class TooManyLabs(Exception):
    """The process holds as many labs as it may."""


class Follower:
    """What one lab has in this process. `is_following` is false while its feed is stopped."""

    def __init__(self, settings: LabSettings, client: httpx.AsyncClient, clock: Callable[[], float]) -> None:
        self.feed = PostgresRevocationFeed(settings.feed_address, heartbeat=heartbeat(settings.lab_max_staleness))
        self.server = ResourceServer(settings.resource_server, revocations=self.feed, client=client)
        self.is_following = False
        self.last_used = clock()

    async def open(self) -> None:
        await self.server.__aenter__()
        await self.follow()

    async def follow(self) -> None:
        """Start the feed, and wait a little for a complete view. Without one, requests are refused with 503."""
        if not self.is_following:
            self.is_following = True
            await self.feed.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOAD_SECONDS):
                await self.feed.refresh()

    async def stop_following(self) -> None:
        """Stop the feed: from here on the view becomes older."""
        if self.is_following:
            self.is_following = False
            await self.feed.stop()

    async def close(self) -> None:
        await self.stop_following()
        await self.server.__aexit__(None, None, None)

    def staleness(self) -> float | None:
        """Seconds since the view was known to be complete; None before it was."""
        staleness = self.feed.staleness()
        return staleness if math.isfinite(staleness) else None


class Followers:
    """The labs that are open in this process. One that nobody asks for a minute is closed."""

    def __init__(
        self, settings: LabSettings, client: httpx.AsyncClient, clock: Callable[[], float] = monotonic
    ) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._open: dict[UUID, Follower] = {}

    async def open(self, lab: UUID) -> Follower:
        """The lab's follower, new or there already. Raises TooManyLabs."""
        known = self.get(lab)
        if known is not None:
            return known
        if len(self._open) >= CAPACITY:
            raise TooManyLabs
        follower = self._open[lab] = Follower(self._settings, self._client, self._clock)
        await follower.open()
        return follower

    def get(self, lab: UUID) -> Follower | None:
        follower = self._open.get(lab)
        if follower is not None:
            follower.last_used = self._clock()
        return follower

    async def close(self, lab: UUID) -> None:
        follower = self._open.pop(lab, None)
        if follower is not None:
            await follower.close()

    async def close_idle(self) -> None:
        """Close the labs that were not used lately: the identity provider may have stopped without closing them."""
        for lab, follower in list(self._open.items()):
            if self._clock() - follower.last_used > IDLE_SECONDS:
                await self.close(lab)

    async def close_all(self) -> None:
        await asyncio.gather(*map(self.close, list(self._open)))


async def close_idle_for_ever(followers: Followers) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        await followers.close_idle()
