"""Made-up key ids cost little, and never keep a really new key out."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest

from resource_server.jwks.unknown_keys import UnknownKeys
from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import AuthenticationError, KeysUnavailable, TokenInvalid
from resource_server.verification.rules import Rule

NUMBERS = count()


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@pytest.fixture
async def server(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock, sleep=fake_clock.sleep) as server,
    ):
        await fake_clock.settle()
        yield server


def _made_up(issuer: FakeIssuer, key_id: str | None = None) -> str:
    key = issuer.keys[-1]
    return key.token(issuer.claims(), {"alg": key.algorithm, "kid": key_id or f"made-up-{next(NUMBERS)}"})


async def _refusal(server: ResourceServer, token: str) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as refusal:
        await server.authenticate(token)
    return refusal.value


async def _until_let_in(server: ResourceServer, token: str, clock: FakeClock) -> float:
    began = clock()
    while clock() - began < 10:
        try:
            await server.authenticate(token)
        except AuthenticationError:
            await clock.advance(0.25)
        else:
            return clock() - began
    raise AssertionError("never let in")


async def test_a_new_key_is_let_in_at_once(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    fake_issuer.rotate()
    assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_an_id_that_the_issuer_does_not_know_is_a_bad_token(
    server: ResourceServer, fake_issuer: FakeIssuer
) -> None:
    refusal = await _refusal(server, _made_up(fake_issuer))
    assert (refusal.code, refusal.rule) == ("token_invalid", Rule.UNKNOWN_KEY)


async def test_an_id_that_cannot_be_looked_up_is_an_outage(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    fake_issuer.respond = lambda _: httpx.Response(500)
    assert (await _refusal(server, _made_up(fake_issuer))).code == "keys_unavailable"


async def test_a_flood_costs_a_handful_of_fetches_a_minute(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    good = fake_issuer.token()
    for minute in range(3):
        fetches = fake_issuer.fetches
        for _ in range(60):
            tokens = [_made_up(fake_issuer) for _ in range(20)]
            await asyncio.gather(*(_refusal(server, token) for token in tokens))
            assert (await server.authenticate(good)).subject == "user-1"
            await fake_clock.advance(1)
        assert fake_issuer.fetches - fetches <= (6 if minute == 0 else 3)


async def test_a_new_key_gets_through_a_flood_within_two_seconds(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    for _ in range(30):
        await asyncio.gather(*(_refusal(server, _made_up(fake_issuer)) for _ in range(20)))
        await fake_clock.advance(0.5)
    fake_issuer.rotate()
    assert await _until_let_in(server, fake_issuer.token(), fake_clock) <= 2


async def test_one_made_up_id_again_and_again_is_looked_up_ever_more_rarely(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    token = _made_up(fake_issuer, "always-the-same")
    for _ in range(120):
        await _refusal(server, token)
        await fake_clock.advance(0.5)
    assert fake_issuer.fetches <= 8


async def test_a_key_that_is_published_late_is_let_in_within_two_seconds_of_its_first_token(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    late = fake_issuer.rotate()
    token = fake_issuer.token()
    fake_issuer.retire(late)
    assert (await _refusal(server, token)).rule is Rule.UNKNOWN_KEY
    fake_issuer.keys.append(late)
    assert await _until_let_in(server, token, fake_clock) <= 2


async def test_a_key_published_while_a_fetch_is_under_way_is_not_missed(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    gate = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        answer = fake_issuer.publish(request)
        await gate.wait()
        return answer

    fake_issuer.respond = slow
    made_up = asyncio.create_task(_refusal(server, _made_up(fake_issuer)))
    await fake_clock.settle()
    fake_issuer.rotate()
    good = asyncio.create_task(server.authenticate(fake_issuer.token()))
    await fake_clock.settle()
    gate.set()
    assert (await good).subject == "user-1"
    assert isinstance(await made_up, TokenInvalid)


async def test_a_token_that_could_not_be_good_anyway_costs_no_fetch(
    server: ResourceServer, fake_issuer: FakeIssuer
) -> None:
    key = fake_issuer.keys[-1]
    fetches = fake_issuer.fetches
    claims = fake_issuer.claims(iss="https://attacker.example")
    refusal = await _refusal(server, key.token(claims, {"alg": "EdDSA", "kid": "made-up"}))
    assert refusal.rule is Rule.ISSUER
    assert fake_issuer.fetches == fetches


async def test_only_so_many_requests_wait_for_a_fetch(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    gate = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await gate.wait()
        return fake_issuer.publish(request)

    fake_issuer.respond = slow
    waiting = [asyncio.create_task(_refusal(server, _made_up(fake_issuer))) for _ in range(1200)]
    await fake_clock.settle()
    turned_away = [task.result() for task in waiting if task.done()]
    assert len(turned_away) == 1200 - 1024
    assert all(isinstance(refusal, KeysUnavailable) for refusal in turned_away)
    gate.set()
    await asyncio.gather(*waiting)


def test_a_flood_of_a_hundred_thousand_ids_is_held_in_bounded_memory() -> None:
    unknown = UnknownKeys()
    granted = sum(unknown.sighted(f"made-up-{number}", 0.0001 * number) for number in range(100_000))
    assert granted <= 5
    assert not unknown.is_disproved("made-up-99999", 10.0)
