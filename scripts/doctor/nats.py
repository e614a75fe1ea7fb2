"""The feed over NATS as the API finds it, and whether its publisher reads the identity provider's database."""

import psycopg

from notes_api.names import NAMES
from resource_server.doctor.connecting import Unreachable, connected
from resource_server.doctor.database import origins
from resource_server.doctor.finding import Finding, fault
from resource_server.doctor.nats_feed import SUBJECT, examine_nats_feed
from scripts.doctor.in_use import InUse


async def examine(use: InUse) -> list[Finding]:
    if use.api.get("REVOCATION_FEED") != "nats":
        return []
    feed = await examine_nats_feed(use.api, NAMES)
    named_by_owner = owner_origins(use.web["DATABASE_URL"])
    if feed.origins and named_by_owner and set(feed.origins).isdisjoint(named_by_owner):
        problem = "the publisher reads another database than the identity provider's"
        remedy = "let DATABASE_URL_UNPOOLED of the publisher lead to it: until then what is revoked is not refused"
        faults = [finding for finding in feed.findings if finding.code != "ok"]
        return [*faults, fault(SUBJECT, "other_database", problem, remedy)]
    return feed.findings


def owner_origins(address: str) -> tuple[str, ...]:
    """What the identity provider's database is known by; nothing where it can't be asked: another finding says so."""
    try:
        with connected(address, "Database", "DATABASE_URL", NAMES) as owner:
            return origins(owner, "auth")
    except (Unreachable, psycopg.Error):
        return ()
