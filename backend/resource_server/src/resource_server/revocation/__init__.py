"""Revocation of access tokens: a list in memory, kept complete by a feed."""

from typing import TYPE_CHECKING

from resource_server.revocation.denylist import Denylist
from resource_server.revocation.feed import FeedStatus, RevocationFeed
from resource_server.revocation.http import HttpRevocationFeed
from resource_server.revocation.page import SCHEMA_VERSION, FeedError
from resource_server.revocation.protocol import NotifyingRevocationList, RevocationList

if TYPE_CHECKING:
    from resource_server.revocation.postgres import PostgresRevocationFeed

__all__ = [
    "SCHEMA_VERSION",
    "Denylist",
    "FeedError",
    "FeedStatus",
    "HttpRevocationFeed",
    "NotifyingRevocationList",
    "PostgresRevocationFeed",
    "RevocationFeed",
    "RevocationList",
]


def __getattr__(name: str) -> object:
    # Not imported before it is asked for: it needs the extra `postgres`.
    if name == "PostgresRevocationFeed":
        from resource_server.revocation.postgres import PostgresRevocationFeed  # noqa: PLC0415

        return PostgresRevocationFeed
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
