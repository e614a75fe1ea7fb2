"""Fixtures of the service."""

from fixtures.service import app, client, database, issuer, settings, user

__all__ = ["app", "client", "database", "issuer", "settings", "user"]
