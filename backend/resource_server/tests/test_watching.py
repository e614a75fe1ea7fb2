"""Long-lived connections are told at once that their caller is no longer accepted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.revocations import FakeRevocations
from resource_server.verification.errors import AuthenticationError, RevocationStale, TokenExpired, TokenRevoked
from resource_server.verification.principal import Principal


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@pytest.fixture
async def server(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, fake_revocations: FakeRevocations
) -> AsyncIterator[ResourceServer]:
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock, revocations=fake_revocations) as server,
    ):
        await fake_clock.settle()
        yield server


Revoke = Callable[[FakeRevocations, Principal], None]
REVOKE: dict[str, Revoke] = {
    "session": lambda revocations, _: revocations.end_session("session-1"),
    "version": lambda revocations, _: revocations.raise_version("user-1", 1),
    "token": lambda revocations, caller: revocations.revoke_token(caller.token_id or ""),
    "client": lambda revocations, _: revocations.revoke_client("app"),
    "moment": lambda revocations, caller: revocations.revoke_issued_before("user-1", caller.issued_at + 1),
}


@pytest.mark.parametrize("kind", REVOKE)
async def test_a_revocation_of_any_kind_closes_the_connections_it_concerns_and_no_other(
    kind: str, server: ResourceServer, fake_issuer: FakeIssuer, fake_revocations: FakeRevocations
) -> None:
    caller = await server.authenticate(fake_issuer.token(client_id="app"))
    other = await server.authenticate(fake_issuer.token(subject="user-2", session_id="session-2"))
    closed = asyncio.Queue[AuthenticationError]()
    unconcerned = asyncio.Queue[AuthenticationError]()
    async with server.on_revoked(caller, closed.put), server.on_revoked(other, unconcerned.put):
        await asyncio.sleep(0)
        started = time.perf_counter()
        REVOKE[kind](fake_revocations, caller)
        assert isinstance(await asyncio.wait_for(closed.get(), 5), TokenRevoked)
        assert time.perf_counter() - started < 1, "no time of the fake clock has passed"
        assert unconcerned.empty()


async def test_a_revocation_between_authentication_and_registration_is_not_missed(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_revocations: FakeRevocations
) -> None:
    caller = await server.authenticate(fake_issuer.token())
    fake_revocations.end_session("session-1")
    assert isinstance(await asyncio.wait_for(server.until_refused(caller), 5), TokenRevoked)


async def test_expiry_closes_within_a_second(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    caller = await server.authenticate(fake_issuer.token(life=100))
    waiting = asyncio.create_task(server.until_refused(caller))
    await fake_clock.advance(100 + fake_issuer.settings.leeway - 2)
    assert not waiting.done()
    await fake_clock.advance(3)
    assert isinstance(await waiting, TokenExpired)


async def test_a_view_that_becomes_stale_closes_within_a_second(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock, fake_revocations: FakeRevocations
) -> None:
    caller = await server.authenticate(fake_issuer.token())
    waiting = asyncio.create_task(server.until_refused(caller, max_revocation_staleness=10))
    fake_revocations.age = 10
    await fake_clock.advance(2)
    assert not waiting.done()
    fake_revocations.age = 11
    await fake_clock.advance(2)
    assert isinstance(await waiting, RevocationStale)


class Silent:
    """A RevocationList that tells nobody of changes."""

    def __init__(self) -> None:
        self.sessions: set[str | None] = set()

    def is_revoked(self, principal: Principal) -> bool:
        return principal.session_id in self.sessions

    def staleness(self) -> float:
        return 0.0

    async def refresh(self) -> None:
        return


async def test_a_list_of_three_methods_is_enough_and_is_checked_every_second(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    silent = Silent()
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock, revocations=silent) as server,
    ):
        await fake_clock.settle()
        caller = await server.authenticate(fake_issuer.token())
        waiting = asyncio.create_task(server.until_refused(caller))
        await fake_clock.advance(2)
        silent.sessions.add("session-1")
        await fake_clock.advance(1)
        assert isinstance(await waiting, TokenRevoked)


async def test_nothing_runs_once_the_last_connection_is_closed(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    before = asyncio.all_tasks()
    caller = await server.authenticate(fake_issuer.token())
    closed = asyncio.Queue[AuthenticationError]()
    async with server.on_revoked(caller, closed.put):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
