"""Which feed tells the service of revocations."""

import asyncio
import math
from contextlib import AbstractAsyncContextManager, nullcontext

import httpx

from notes_api.settings import Settings
from resource_server.revocation import HttpRevocationFeed, NatsRevocationFeed, PostgresRevocationFeed, RevocationFeed

LONGEST_HEARTBEAT = 5.0
FIRST_LOAD_SECONDS = 5.0
SECONDS_BETWEEN_LOOKS = 0.01


def heartbeat(max_staleness: float) -> float:
    """Seconds between two checks that the view is complete: often enough to stay within the bound."""
    return min(LONGEST_HEARTBEAT, max_staleness / 3) if max_staleness > 0 else LONGEST_HEARTBEAT


def open_feed(settings: Settings, client: httpx.AsyncClient) -> AbstractAsyncContextManager[RevocationFeed | None]:
    """The feed that REVOCATION_FEED names."""
    pause = heartbeat(settings.auth_revocation_max_staleness)
    if settings.revocation_feed == "postgres":
        address = (settings.database_url_unpooled or settings.database_url).get_secret_value()
        return PostgresRevocationFeed(address, heartbeat=pause)
    if settings.revocation_feed == "nats":
        return NatsRevocationFeed(settings.nats_access, stream=settings.nats_stream, heartbeat=pause)
    if settings.revocation_feed_url and settings.revocation_feed_token and settings.revocation_feed == "http":
        token = settings.revocation_feed_token.get_secret_value()
        return HttpRevocationFeed(settings.revocation_feed_url, token, client=client, heartbeat=pause)
    return nullcontext()


async def wait_for_first_load(feed: RevocationFeed) -> None:
    """Return once the revocations are loaded, when that fails, or after some seconds.

    Until they are loaded a process answers 503 to every token, while others behind the same address may be ready.
    """
    for _ in range(int(FIRST_LOAD_SECONDS / SECONDS_BETWEEN_LOOKS)):
        if math.isfinite(feed.staleness()) or feed.status().error is not None:
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
