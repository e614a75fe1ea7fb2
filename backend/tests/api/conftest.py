"""Fixtures of the service."""

from tests.fixtures.service import app, client, database, identity_provider, issuer, plain_logs, settings, user

__all__ = ["app", "client", "database", "identity_provider", "issuer", "plain_logs", "settings", "user"]
