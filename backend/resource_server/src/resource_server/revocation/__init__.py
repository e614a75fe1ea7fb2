"""Revocation of access tokens: a list in memory, kept complete by a feed."""

from resource_server.revocation.denylist import Denylist
from resource_server.revocation.feed import FeedStatus, RevocationFeed
from resource_server.revocation.http import HttpRevocationFeed
from resource_server.revocation.page import FeedError
from resource_server.revocation.postgres import PostgresRevocationFeed
from resource_server.revocation.protocol import RevocationList

__all__ = [
    "Denylist",
    "FeedError",
    "FeedStatus",
    "HttpRevocationFeed",
    "PostgresRevocationFeed",
    "RevocationFeed",
    "RevocationList",
]
