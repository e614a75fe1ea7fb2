"""Revocation of access tokens: a list in memory, which a feed keeps complete."""

from importlib import import_module
from typing import TYPE_CHECKING

from resource_server.revocation.denylist import Denylist
from resource_server.revocation.feed import FeedStatus, RevocationFeed
from resource_server.revocation.http import HttpRevocationFeed
from resource_server.revocation.page import SCHEMA_VERSION, FeedError
from resource_server.revocation.protocol import NotifyingRevocationList, RevocationList

if TYPE_CHECKING:
    from resource_server.revocation.nats import NatsAccess, NatsRevocationFeed
    from resource_server.revocation.postgres import PostgresRevocationFeed

__all__ = [
    "SCHEMA_VERSION",
    "Denylist",
    "FeedError",
    "FeedStatus",
    "HttpRevocationFeed",
    "NatsAccess",
    "NatsRevocationFeed",
    "NotifyingRevocationList",
    "PostgresRevocationFeed",
    "RevocationFeed",
    "RevocationList",
]


def __getattr__(name: str) -> object:
    # Imported on first use: it needs the extra `postgres`.
    if name == "PostgresRevocationFeed":
        from resource_server.revocation.postgres import PostgresRevocationFeed  # noqa: PLC0415

        return PostgresRevocationFeed
    # Imported on first use: these need the extra `nats`.
    if name in {"NatsAccess", "NatsRevocationFeed"}:
        return getattr(import_module("resource_server.revocation.nats"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
