"""Long-lived connections are told at once that their caller is no longer accepted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

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
    async with started(fake_issuer, fake_clock, fake_revocations) as server:
        yield server


@asynccontextmanager
async def started(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, revocations: FakeRevocations
) -> AsyncIterator[ResourceServer]:
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock, revocations=revocations) as server,
    ):
        await fake_clock.settle()
        yield server


def test_one_event_loop_after_another_may_watch() -> None:
    issuer, revocations = FakeIssuer(), FakeRevocations()
    server = ResourceServer(issuer.settings, client=issuer.client(), revocations=revocations)

    async def watch(session: str) -> None:
        async with server:
            caller = await server.authenticate(issuer.token(session_id=session))
            closed = asyncio.create_task(server.until_refused(caller))
            await asyncio.sleep(0.01)
            revocations.end_session(session)
            assert isinstance(await asyncio.wait_for(closed, 5), TokenRevoked)

    asyncio.run(watch("first"))
    asyncio.run(watch("second"))


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


class Failing(FakeRevocations):
    """Raises while ``broken``: for one session, or in every question for its age."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: str | None = None

    def is_revoked(self, principal: Principal) -> bool:
        if self.broken == principal.session_id:
            raise ConnectionError("the store is away")
        return super().is_revoked(principal)

    def staleness(self) -> float:
        if self.broken == "all":
            raise ConnectionError("the store is away")
        return super().staleness()


@pytest.fixture
def fake_failing() -> Failing:
    return Failing()


@pytest.fixture
async def failing_server(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, fake_failing: Failing
) -> AsyncIterator[ResourceServer]:
    async with started(fake_issuer, fake_clock, fake_failing) as server:
        yield server


@pytest.mark.parametrize("broken", ["session-1", "all"])
async def test_a_list_that_raised_is_asked_again(
    broken: str,
    failing_server: ResourceServer,
    fake_failing: Failing,
    fake_issuer: FakeIssuer,
    fake_clock: FakeClock,
) -> None:
    caller = await failing_server.authenticate(fake_issuer.token())
    before = asyncio.create_task(failing_server.until_refused(caller))
    await fake_clock.advance(1)
    fake_failing.broken = broken
    meanwhile = asyncio.create_task(failing_server.until_refused(caller))
    await fake_clock.advance(3)
    assert not before.done()
    assert not meanwhile.done()
    fake_failing.broken = None
    fake_failing.end_session("session-1")
    await fake_clock.settle()
    assert before.done()
    assert meanwhile.done()
    assert isinstance(await before, TokenRevoked)
    assert isinstance(await meanwhile, TokenRevoked)


async def test_a_list_that_raises_for_one_caller_is_asked_about_the_others(
    failing_server: ResourceServer, fake_failing: Failing, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    first = await failing_server.authenticate(fake_issuer.token())
    second = await failing_server.authenticate(fake_issuer.token(subject="user-2", session_id="session-2"))
    failing = asyncio.create_task(failing_server.until_refused(first))
    waiting = asyncio.create_task(failing_server.until_refused(second))
    await fake_clock.advance(1)
    fake_failing.broken = "session-1"
    fake_failing.end_session("session-2")
    await fake_clock.settle()
    assert waiting.done()
    assert isinstance(await waiting, TokenRevoked)
    failing.cancel()


async def test_a_list_that_raises_for_longer_than_the_bound_is_stale(
    failing_server: ResourceServer,
    fake_failing: Failing,
    fake_issuer: FakeIssuer,
    fake_clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caller = await failing_server.authenticate(fake_issuer.token())
    waiting = asyncio.create_task(failing_server.until_refused(caller, max_revocation_staleness=10))
    await fake_clock.advance(1)
    fake_failing.broken = "session-1"
    await fake_clock.advance(10)
    assert not waiting.done()
    assert len([record for record in caplog.records if record.name == "resource_server.watching"]) == 1
    await fake_clock.advance(2)
    assert waiting.done()
    assert isinstance(await waiting, RevocationStale)


async def test_a_watch_that_was_cancelled_is_started_again_with_the_next_connection(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock, fake_revocations: FakeRevocations
) -> None:
    first = await server.authenticate(fake_issuer.token())
    second = await server.authenticate(fake_issuer.token(subject="user-2", session_id="session-2"))
    waiting = asyncio.create_task(server.until_refused(first))
    await fake_clock.advance(1)
    for task in asyncio.all_tasks():
        if task.get_name() == "watch over open connections":
            task.cancel()
    await fake_clock.settle()
    fake_revocations.end_session("session-1")
    other = asyncio.create_task(server.until_refused(second))
    await fake_clock.settle()
    assert waiting.done()
    assert isinstance(await waiting, TokenRevoked)
    assert not other.done()
    other.cancel()


async def test_nothing_runs_once_the_last_connection_is_closed(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    before = asyncio.all_tasks()
    caller = await server.authenticate(fake_issuer.token())
    closed = asyncio.Queue[AuthenticationError]()
    async with server.on_revoked(caller, closed.put):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
