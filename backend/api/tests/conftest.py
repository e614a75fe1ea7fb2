"""Fixtures of the service."""

from shared_fixtures.postgres import postgres_server
from tests.fixtures.database import postgres
from tests.fixtures.service import app, client, database, identity_provider, issuer, plain_logs, settings, user

__all__ = [
    "app",
    "client",
    "database",
    "identity_provider",
    "issuer",
    "plain_logs",
    "postgres",
    "postgres_server",
    "settings",
    "user",
]
