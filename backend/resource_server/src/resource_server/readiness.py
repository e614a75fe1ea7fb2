"""Whether a resource server can judge tokens, and if not, what is missing: for health checks, and for the log."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Final

from resource_server.doctor.agreement import disagreements
from resource_server.names import IN_PYTHON
from resource_server.revocation.feed import RevocationFeed
from resource_server.revocation.page import SCHEMA_VERSION
from resource_server.several import ResourceServers

if TYPE_CHECKING:
    from collections.abc import Callable

    from resource_server.names import Names
    from resource_server.revocation.feed import FeedStatus
    from resource_server.server import ResourceServer
    from resource_server.several import AnyResourceServer

OK: Final = "ok"
SECONDS_BETWEEN_LOOKS: Final = 1.0
logger = logging.getLogger(__name__)


def check_readiness(server: AnyResourceServer, names: Names = IN_PYTHON) -> dict[str, str]:
    """For ``keys``, ``tokens`` and ``revocations``: "ok", or what is not ready and what to do, without a secret.

    ``keys``: whether usable keys are held. ``tokens``: whether the settings fit the tokens that the issuer says it
    issues. ``revocations``: whether the view of them is complete, and of the issuer's database. From memory, so it may
    be called as often as needed; the identity provider may be down as long as its keys are held.
    """
    return {
        "keys": _of_each(server, keys),
        "tokens": _of_each(server, lambda one: tokens(one, names)),
        "revocations": _of_each(server, lambda one: revocations(one, names)),
    }


async def log_faults(server: AnyResourceServer, names: Names = IN_PYTHON) -> None:
    """Log at ERROR, in one line each and once each time, what no waiting makes ready. Runs forever."""
    said: set[str] = set()
    while True:
        present = {
            f"not ready: {fault}"
            for fault in (
                _of_each(server, lambda one: tokens(one, names)),
                _of_each(server, lambda one: _named(_unfit(one, names))),
            )
            if fault != OK
        }
        for line in sorted(present - said):
            logger.error("%s", line)
        said = present
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def keys(server: ResourceServer) -> str:
    """Whether usable keys of the issuer are held."""
    held = server.key_set()
    if held.usable:
        return OK
    if held.last_failure is not None:
        return f"no usable keys of the issuer: {held.last_failure}"
    return "the issuer's keys are still being fetched"


def tokens(server: ResourceServer, names: Names) -> str:
    """Whether the settings fit the tokens that the issuer says it issues.

    A process that has accepted a token stays ready: later changes concern only new tokens.
    """
    wrong = [] if server.has_accepted else disagreements(server.settings, server.key_set().announced, names)
    return "; ".join(f"{finding.problem}: {finding.remedy}" for finding in wrong) or OK


def revocations(server: ResourceServer, names: Names) -> str:
    """Whether the view of the revocations is complete, recent enough, and of the issuer's database."""
    view = server.revocations
    if view is None:
        return OK
    if unfit := _unfit(server, names):
        return unfit
    status = _status(server)
    over = f" ({status.transport})" if status else ""
    staleness, bound = view.staleness(), server.settings.max_revocation_staleness
    if math.isinf(staleness):
        return f"not loaded yet{over}: {_reason(status, 'still loading')}"
    if 0 < bound < staleness:
        return f"complete as of {staleness:.0f} s ago{over}: {_reason(status, 'late')}"
    return OK


def _of_each(server: AnyResourceServer, check: Callable[[ResourceServer], str]) -> str:
    """The outcome; of several servers, each that is not ready under the name of its issuer."""
    if not isinstance(server, ResourceServers):
        return check(server)
    outcomes = {one.settings.issuer: check(one) for one in server.servers}
    return "; ".join(f"{issuer}: {outcome}" for issuer, outcome in outcomes.items() if outcome != OK) or OK


def _status(server: ResourceServer) -> FeedStatus | None:
    """None for revocations that are no feed."""
    view: object = server.revocations
    return view.status() if isinstance(view, RevocationFeed) else None


def _reason(status: FeedStatus | None, otherwise: str) -> str:
    """The failure's code, and its remedy where the feed knows one."""
    known = () if status is None else filter(None, (status.error, status.remedy))
    return "; ".join(known) or otherwise


def _named(unfit: str | None) -> str:
    return OK if unfit is None else f"revocations {unfit}"


def _unfit(server: ResourceServer, names: Names) -> str | None:
    """What is wrong with the feed, however long one waits."""
    status = _status(server)
    if status is None:
        return None
    if status.error == "unknown_kind":
        return "are of a kind that this version does not know: install a newer one of the resource server's library"
    if outdated := _outdated(status):
        return f"{outdated}; {names.migrate}"
    if server.same_origin(status.origins, status.staleness) is False:
        return (
            "come from another database than the issuer's keys, so what is revoked there is accepted here: let"
            f" {names.sources} lead to one identity provider"
        )
    kept, life = status.max_token_life, server.longest_life
    if kept is not None and life > kept:
        return (
            f"are kept for {kept} s, and tokens that live for {life} s were accepted: lower {names.longest_life} to"
            f" {kept}, or set the lifetime that the identity provider's feed is made for, and {names.migrate}"
        )
    return None


def _outdated(status: FeedStatus) -> str | None:
    """What is missing or outdated in the feed of the database."""
    if status.missing_triggers:
        return f"missing or altered in the database: {', '.join(status.missing_triggers)}"
    if status.error == "not_installed" and status.transport != "nats":
        return "the database has no revocation feed, or one of an earlier version"
    if status.schema_version is not None and status.schema_version < SCHEMA_VERSION:
        return f"the database has version {status.schema_version} of the revocation feed, {SCHEMA_VERSION} is needed"
    return None
