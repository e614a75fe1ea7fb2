"""Fixtures for every test, by topic."""

pytest_plugins = ("fixtures.postgres",)
