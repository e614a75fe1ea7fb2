"""Fixtures for every test of the library."""

from shared_fixtures.postgres import postgres, postgres_server

__all__ = ["postgres", "postgres_server"]
