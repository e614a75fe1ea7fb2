"""Fixtures that the tests of both distributions use."""
