"""The pytest plugin: fixtures for applications that use the library. Loads the library when a fixture is used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from resource_server.testing.clock import FakeClock
    from resource_server.testing.issuer import FakeIssuer
    from resource_server.testing.revocations import FakeRevocations


@pytest.fixture
def fake_clock() -> "FakeClock":
    """Time that moves only when the test says so."""
    from resource_server.testing.clock import FakeClock  # noqa: PLC0415

    return FakeClock()


@pytest.fixture
def fake_issuer() -> "FakeIssuer":
    """A fake issuer with one EdDSA key, in memory: hand its ``settings`` and ``client()`` to a ResourceServer."""
    from resource_server.testing.issuer import FakeIssuer  # noqa: PLC0415

    return FakeIssuer()


@pytest.fixture
def served_issuer(fake_issuer: "FakeIssuer") -> "Iterator[FakeIssuer]":
    """The fake issuer, with its JWK Set over a real socket on loopback."""
    with fake_issuer.serve():
        yield fake_issuer


@pytest.fixture
def fake_revocations() -> "FakeRevocations":
    """Revocations that the test makes: hand them to ``fake_issuer.impersonate`` or to a ResourceServer."""
    from resource_server.testing.revocations import FakeRevocations  # noqa: PLC0415

    return FakeRevocations()
