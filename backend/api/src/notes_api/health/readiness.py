"""What the service needs to answer requests, and what is missing."""

import asyncio
import logging
import math

import psycopg
from starlette.datastructures import State

from notes_api.database import Database
from notes_api.settings import Settings
from resource_server import ResourceServer
from resource_server.doctor import disagreements
from resource_server.revocation import SCHEMA_VERSION, FeedStatus, RevocationFeed

logger = logging.getLogger(__name__)

OK = "ok"
SECONDS_BETWEEN_LOOKS = 1.0
OTHER_DATABASE = (
    "come from another database than the issuer's keys: let DATABASE_URL (or REVOCATION_FEED_URL) and AUTH_JWKS_URL"
    " lead to one identity provider"
)

UNKNOWN_KIND = (
    "some are of a kind that this version does not know: install the release that the database was migrated with"
)


async def check(state: State) -> dict[str, str]:
    """For each dependency `ok`, or what is not ready and why, without an address or a secret.

    The identity provider is not among them: tokens are verified without it as long as its keys are held.
    """
    return {
        "keys": keys(state.resource_server),
        "tokens": tokens(state.resource_server),
        "revocations": revocations(state.revocations, state.settings, state.resource_server),
        **dict(await asyncio.gather(database(state.database))),
    }


def keys(server: ResourceServer) -> str:
    held = server.key_set()
    if held.usable:
        return OK
    if held.last_failure is not None:
        return f"no usable keys of the issuer: {held.last_failure}"
    return "the issuer's keys are still being fetched"


def tokens(server: ResourceServer) -> str:
    """Whether the settings fit the tokens that the issuer says it issues.

    A process that has accepted a token stays ready: later changes concern only new tokens.
    """
    wrong = [] if server.has_accepted else disagreements(server.settings, server.key_set().announced)
    return "; ".join(f"{finding.problem}: {finding.remedy}" for finding in wrong) or OK


def revocations(feed: RevocationFeed | None, settings: Settings, server: ResourceServer) -> str:
    if feed is None:
        return OK
    status = feed.status()
    if unfit := _unfit(status, server):
        return unfit
    if math.isinf(status.staleness):
        return f"not loaded yet ({status.transport}): {_reason(status, 'still loading')}"
    if status.max_token_life is not None and settings.auth_max_token_life > status.max_token_life:
        return f"kept for {status.max_token_life} s only: lower AUTH_MAX_TOKEN_LIFE to that, or run 'make migrate'"
    if 0 < settings.auth_revocation_max_staleness < status.staleness:
        return f"complete as of {status.staleness:.0f} s ago ({status.transport}): {_reason(status, 'late')}"
    return OK


def _reason(status: FeedStatus, otherwise: str) -> str:
    """The failure's code, and its remedy where the feed knows one."""
    return "; ".join(filter(None, (status.error, status.remedy))) or otherwise


def _unfit(status: FeedStatus, server: ResourceServer) -> str | None:
    if status.error == "unknown_kind":
        return UNKNOWN_KIND
    if outdated := _outdated(status):
        return f"{outdated}; run 'make migrate'"
    return OTHER_DATABASE if server.same_origin(status.origins, status.staleness) is False else None


def _outdated(status: FeedStatus) -> str | None:
    """What is missing or outdated in the feed of the database."""
    if status.missing_triggers:
        return f"missing or altered in the database: {', '.join(status.missing_triggers)}"
    if status.error == "not_installed" and status.transport != "nats":
        return "the database has no revocation feed, or one of an earlier version"
    if status.schema_version is not None and status.schema_version < SCHEMA_VERSION:
        return f"the database has version {status.schema_version} of the revocation feed, {SCHEMA_VERSION} is needed"
    return None


async def database(database: Database) -> tuple[str, str]:
    try:
        await database.probe()
    except (TimeoutError, psycopg.Error, OSError) as error:
        return "database", f"does not answer: {type(error).__name__}"
    return "database", OK


async def log_faults(feed: RevocationFeed | None, server: ResourceServer) -> None:
    """Logs, once each time, what no waiting makes ready. Runs forever."""
    said: set[str] = set()
    while True:
        present = faults(feed, server)
        for fault in present - said:
            logger.error("%s", fault)
        said = present
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def faults(feed: RevocationFeed | None, server: ResourceServer) -> set[str]:
    """What is wrong with the settings or with what is installed, each in one line."""
    wrong_tokens = tokens(server)
    unfit = None if feed is None else _unfit(feed.status(), server)
    return {
        *([] if wrong_tokens == OK else [f"not ready: {wrong_tokens}"]),
        *([] if unfit is None else [f"not ready: revocations {unfit}"]),
    }
