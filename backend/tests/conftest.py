"""Fixtures for every test, by topic."""

pytest_plugins = ("tests.fixtures.postgres",)
