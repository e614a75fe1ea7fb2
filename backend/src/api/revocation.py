"""Which feed tells the service of revocations."""

from contextlib import AbstractAsyncContextManager, nullcontext

import httpx

from api.settings import Settings
from resource_server.revocation import HttpRevocationFeed, PostgresRevocationFeed, RevocationFeed


def open_feed(settings: Settings, client: httpx.AsyncClient) -> AbstractAsyncContextManager[RevocationFeed | None]:
    """The feed that REVOCATION_FEED names."""
    if settings.revocation_feed == "postgres":
        return PostgresRevocationFeed((settings.database_url_unpooled or settings.database_url).get_secret_value())
    if settings.revocation_feed_url and settings.revocation_feed_token and settings.revocation_feed == "http":
        token = settings.revocation_feed_token.get_secret_value()
        return HttpRevocationFeed(settings.revocation_feed_url, token, client=client)
    return nullcontext()
