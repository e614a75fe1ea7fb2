"""Says in the log that the revocations are not those of the issuer's tokens; every answer would look as it should."""

import asyncio
import logging
from typing import Final

from resource_server.revocation.feed import RevocationFeed
from resource_server.server import ResourceServer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS: Final = 1.0


async def warn_of_other_database(server: ResourceServer) -> None:
    """Log it, once each time it begins. Runs forever; returns at once where the revocations are no feed."""
    feed: object = server.revocations
    if not isinstance(feed, RevocationFeed):
        return
    was = None
    while True:
        status = feed.status()
        same = server.same_origin(status.origins, status.staleness)
        if same is False and was is not False:
            logger.error(
                "the revocations come from another database than the keys of %s, so tokens that are revoked there are"
                " accepted here: let the feed and the key set lead to one identity provider",
                server.settings.issuer,
            )
        was = same
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
