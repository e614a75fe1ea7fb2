"""Tickets: for whom, for what, for how long, and how often they are accepted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest

from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.tickets import FileTickets, Tickets
from resource_server.verification.errors import TokenExpired, TokenInvalid, TokenRevoked
from resource_server.verification.principal import Principal
from resource_server.verification.rules import Rule

SECRET = "a secret that only these tests know of"


class EndedSessions(set[str]):
    """Revocations of sessions, always fresh."""

    def is_revoked(self, principal: Principal) -> bool:
        return principal.session_id in self

    def staleness(self) -> float:
        return 0.0

    async def refresh(self) -> None:
        return


@pytest.fixture
def ended() -> EndedSessions:
    return EndedSessions()


@pytest.fixture
async def server(fake_clock: FakeClock, ended: EndedSessions) -> AsyncIterator[tuple[ResourceServer, FakeIssuer]]:
    issuer = FakeIssuer(clock=fake_clock)
    async with (
        issuer.client() as client,
        ResourceServer(issuer.settings, client=client, revocations=ended, clock=fake_clock) as server,
    ):
        yield server, issuer


@pytest.fixture
async def caller(server: tuple[ResourceServer, FakeIssuer]) -> Principal:
    running, issuer = server
    return await running.authenticate(issuer.token(scopes=["notes:read"]))


def tickets(folder: Path, clock: FakeClock, secret: str = SECRET) -> Tickets:
    return Tickets(secret, FileTickets(folder, clock), clock=clock)


def files(folder: Path) -> int:
    return len(list(folder.iterdir()))


async def refused(kept: Tickets, ticket: str, server: ResourceServer, purpose: str = "/live") -> Rule | None:
    with pytest.raises(TokenInvalid) as refusal:
        await kept.accept(ticket, purpose, server)
    assert ticket[-20:] not in refusal.value.reason
    return refusal.value.rule


async def test_a_ticket_is_accepted_once_by_whichever_worker(
    server: tuple[ResourceServer, FakeIssuer], caller: Principal, tmp_path: Path, fake_clock: FakeClock
) -> None:
    workers = [tickets(tmp_path, fake_clock) for _ in range(8)]
    ticket = workers[0].issue(caller, "/live")
    answers = await asyncio.gather(
        *(worker.accept(ticket, "/live", server[0]) for worker in workers), return_exceptions=True
    )
    assert [answer for answer in answers if isinstance(answer, Principal)] == [caller]
    assert sum(isinstance(answer, TokenInvalid) for answer in answers) == len(workers) - 1


async def test_a_ticket_is_valid_for_thirty_seconds(
    server: tuple[ResourceServer, FakeIssuer], caller: Principal, tmp_path: Path, fake_clock: FakeClock
) -> None:
    kept = tickets(tmp_path, fake_clock)
    in_time, too_late = kept.issue(caller, "/live"), kept.issue(caller, "/live")
    await fake_clock.advance(29)
    assert await kept.accept(in_time, "/live", server[0]) == caller
    await fake_clock.advance(1)
    assert await refused(kept, too_late, server[0]) == Rule.TICKET


async def test_a_ticket_is_valid_only_for_its_purpose_secret_and_issuer(
    server: tuple[ResourceServer, FakeIssuer], caller: Principal, tmp_path: Path, fake_clock: FakeClock
) -> None:
    kept, other = tickets(tmp_path, fake_clock), tickets(tmp_path, fake_clock, SECRET[::-1])
    elsewhere = ResourceServer(FakeIssuer(issuer="https://partner.test").settings)
    ticket = kept.issue(caller, "/live")
    assert await refused(kept, ticket, server[0], "/other") == Rule.TICKET
    assert await refused(other, ticket, server[0]) == Rule.TICKET
    assert await refused(kept, ticket, elsewhere) == Rule.TICKET
    assert await kept.accept(ticket, "/live", server[0]) == caller


async def test_text_that_is_not_a_ticket_is_refused(
    server: tuple[ResourceServer, FakeIssuer], caller: Principal, tmp_path: Path, fake_clock: FakeClock
) -> None:
    running, issuer = server
    kept = tickets(tmp_path, fake_clock)
    claims = jwt.decode(kept.issue(caller, "/live"), options={"verify_signature": False})
    assert await refused(kept, issuer.token(), running) == Rule.TICKET
    assert await refused(kept, "nonsense", running) == Rule.TICKET
    assert await refused(kept, "x" * 10_000, running) == Rule.SIZE
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"typ": "ticket+jwt"})
    assert await refused(kept, unsigned, running) == Rule.TICKET
    assert await refused(kept, jwt.encode(claims, SECRET, algorithm="HS256"), running) == Rule.TYPE


async def test_a_caller_who_was_revoked_or_expired_in_the_meantime_is_refused(
    server: tuple[ResourceServer, FakeIssuer],
    ended: EndedSessions,
    caller: Principal,
    tmp_path: Path,
    fake_clock: FakeClock,
) -> None:
    running, issuer = server
    kept = tickets(tmp_path, fake_clock)
    ticket = kept.issue(caller, "/live")
    ended.add("session-1")
    with pytest.raises(TokenRevoked):
        await kept.accept(ticket, "/live", running)
    ended.clear()
    brief = await running.authenticate(issuer.token(life=1))
    await fake_clock.advance(issuer.settings.leeway)
    ticket = kept.issue(brief, "/live")
    await fake_clock.advance(1)
    with pytest.raises(TokenExpired):
        await kept.accept(ticket, "/live", running)


async def test_used_tickets_are_forgotten_when_they_have_expired(tmp_path: Path, fake_clock: FakeClock) -> None:
    store = FileTickets(tmp_path, fake_clock)
    for number in range(3):
        assert await store.use(f"ticket-{number}", int(fake_clock()) + 30)
    await fake_clock.advance(61)
    assert await store.use("ticket-3", int(fake_clock()) + 30)
    assert files(tmp_path) == 1


async def test_a_ticket_holds_no_token(
    server: tuple[ResourceServer, FakeIssuer], tmp_path: Path, fake_clock: FakeClock
) -> None:
    running, issuer = server
    token = issuer.token()
    ticket = tickets(tmp_path, fake_clock).issue(await running.authenticate(token), "/live")
    assert token not in str(jwt.decode(ticket, options={"verify_signature": False}))


def test_a_short_secret_is_refused(tmp_path: Path, fake_clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        tickets(tmp_path, fake_clock, "short")
