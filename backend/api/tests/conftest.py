"""Fixtures of the service."""

from hypothesis import settings as hypothesis_settings

from shared_fixtures.postgres import asked_for_a_password, postgres_server
from tests.fixtures.database import postgres
from tests.fixtures.service import app, client, database, identity_provider, issuer, plain_logs, settings, user

__all__ = [
    "app",
    "asked_for_a_password",
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

# A busy machine may take longer for one example than Hypothesis allows; these tests don't check time.
hypothesis_settings.register_profile("without a deadline", deadline=None)
hypothesis_settings.load_profile("without a deadline")
