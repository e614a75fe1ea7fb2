"""Unknown key ids: how many fetches they cause, how long they can delay a new key, and when they are a 401."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest

from resource_server.jwks.unknown_keys import FETCHES_AT_ONCE, SECONDS_PER_FETCH, UnknownKeys
from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import AuthenticationError, KeysUnavailable, TokenInvalid
from resource_server.verification.rules import Rule

NUMBERS = count()
DAY = 86_400
PUBLISHED_AHEAD = 900
MOST_IN_A_MINUTE = FETCHES_AT_ONCE + int(60 / SECONDS_PER_FETCH)


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@pytest.fixture
async def server(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock) as server,
    ):
        await fake_clock.settle()
        yield server


def _unknown(issuer: FakeIssuer, key_id: str | None = None) -> str:
    key = issuer.keys[-1]
    return key.token(issuer.claims(), {"alg": key.algorithm, "kid": key_id or f"unknown-{next(NUMBERS)}"})


def _down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def _outcome(server: ResourceServer, token: str) -> str:
    try:
        await server.authenticate(token)
    except AuthenticationError as error:
        return error.code
    return "accepted"


async def _refusal(server: ResourceServer, token: str) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as refusal:
        await server.authenticate(token)
    return refusal.value


def _ask(server: ResourceServer, *tokens: str) -> "list[asyncio.Task[str]]":
    return [asyncio.create_task(_outcome(server, token)) for token in tokens]


async def _until_accepted(server: ResourceServer, token: str, clock: FakeClock) -> float:
    """The seconds until the token is accepted; every other answer on the way must be a 503."""
    began = clock.monotonic()
    while True:
        request = asyncio.create_task(_outcome(server, token))
        while not request.done():
            await clock.advance(0.25)
        if request.result() == "accepted":
            return clock.monotonic() - began
        assert request.result() == "keys_unavailable"
        await clock.advance(0.25)


async def test_a_new_key_is_accepted_at_once(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    for _ in range(FETCHES_AT_ONCE):
        fake_issuer.rotate()
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_a_key_published_before_it_signs_is_known_in_time_under_any_flood(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.cache_control = "max-age=86400"
    await fake_clock.advance(DAY)
    ahead = fake_issuer.rotate_aside("EdDSA")
    await fake_clock.advance(PUBLISHED_AHEAD)
    flood = _ask(server, *(_unknown(fake_issuer) for _ in range(50)))
    fetches = fake_issuer.fetches
    assert await _outcome(server, ahead.token(fake_issuer.claims())) == "accepted"
    assert fake_issuer.fetches == fetches
    await fake_clock.advance(10)
    await asyncio.gather(*flood)


async def test_an_id_that_the_issuer_does_not_know_is_an_invalid_token(
    server: ResourceServer, fake_issuer: FakeIssuer
) -> None:
    refusal = await _refusal(server, _unknown(fake_issuer))
    assert (refusal.code, refusal.rule) == ("token_invalid", Rule.UNKNOWN_KEY)


async def test_an_id_that_cannot_be_looked_up_is_an_outage(server: ResourceServer, fake_issuer: FakeIssuer) -> None:
    fake_issuer.respond = lambda _: httpx.Response(500)
    assert (await _refusal(server, _unknown(fake_issuer))).code == "keys_unavailable"


async def test_an_outage_right_after_a_fetch_is_never_an_invalid_token(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    await _refusal(server, _unknown(fake_issuer))
    fake_issuer.rotate()
    new = [fake_issuer.token() for _ in range(10)]
    fake_issuer.respond = _down
    answers = []
    for token in itertools.islice(itertools.cycle(new), 200):
        answers += _ask(server, token)
        await fake_clock.advance(0.3)
    await fake_clock.advance(10)
    assert {answer.result() for answer in answers} == {"keys_unavailable"}
    fake_issuer.respond = None
    for token in new:
        assert await _until_accepted(server, token, fake_clock) <= SECONDS_PER_FETCH


async def test_a_fetch_that_began_before_the_token_was_seen_does_not_refuse_it(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    gate = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        answer = fake_issuer.publish(request)
        await gate.wait()
        return answer

    fake_issuer.respond = slow
    first = _ask(server, _unknown(fake_issuer))
    await fake_clock.settle()
    fake_issuer.rotate()
    good = _ask(server, fake_issuer.token())
    await fake_clock.settle()
    gate.set()
    await fake_clock.settle()
    assert [task.result() for task in (*good, *first)] == ["accepted", "token_invalid"]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_flood_costs_no_more_fetches_than_documented_however_often_each_id_is_sent(
    times: int, server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    good = fake_issuer.token()
    answers: list[asyncio.Task[str]] = []
    for minute in range(3):
        fetches = fake_issuer.fetches
        for _ in range(60):
            for token in [_unknown(fake_issuer) for _ in range(20)]:
                answers += _ask(server, *([token] * times))
            assert await _outcome(server, good) == "accepted"
            await fake_clock.advance(1)
        scheduled = 1
        most = MOST_IN_A_MINUTE if minute == 0 else int(60 / SECONDS_PER_FETCH)
        assert fake_issuer.fetches - fetches <= most + scheduled
    await fake_clock.advance(10)
    assert {answer.result() for answer in answers} <= {"keys_unavailable", "token_invalid"}


@pytest.mark.parametrize("offset", [0.0, 1.1, 2.9, 4.9])
async def test_a_new_key_gets_through_a_flood_within_the_documented_bound(
    offset: float, server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    flood: list[asyncio.Task[str]] = []
    for _ in range(40):
        flood += _ask(server, *(_unknown(fake_issuer) for _ in range(20)))
        await fake_clock.advance(0.5)
    await fake_clock.advance(offset)
    flood += _ask(server, *(_unknown(fake_issuer) for _ in range(20)))
    fake_issuer.rotate()
    assert await _until_accepted(server, fake_issuer.token(), fake_clock) <= SECONDS_PER_FETCH + 0.25
    await fake_clock.advance(10)
    await asyncio.gather(*flood)


async def test_tokens_with_the_id_of_a_future_key_do_not_block_that_key(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    future = fake_issuer.rotate()
    fake_issuer.retire(future)
    attempts: list[asyncio.Task[str]] = []
    for _ in range(600):
        attempts += _ask(server, _unknown(fake_issuer, future.key_id))
        await fake_clock.advance(0.5)
    fake_issuer.keys.append(future)
    attempts += _ask(server, _unknown(fake_issuer, future.key_id))
    assert await _until_accepted(server, fake_issuer.token(), fake_clock) <= SECONDS_PER_FETCH + 0.25
    await fake_clock.advance(10)
    assert {attempt.result() for attempt in attempts[:-10]} <= {"keys_unavailable", "token_invalid"}


async def test_one_token_with_an_unknown_id_is_looked_up_once_a_minute(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    token = _unknown(fake_issuer)
    fetches = fake_issuer.fetches
    for _ in range(236):
        assert await _outcome(server, token) == "token_invalid"
        await fake_clock.advance(0.5)
    assert fake_issuer.fetches - fetches <= 2


async def test_a_token_of_a_withdrawn_key_is_refused_at_the_second_attempt_at_the_latest(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    flood: list[asyncio.Task[str]] = []
    for _ in range(FETCHES_AT_ONCE):
        flood += _ask(server, _unknown(fake_issuer))
        await fake_clock.settle()
    token = _unknown(fake_issuer)
    assert await _outcome(server, token) == "keys_unavailable"
    retry_after = KeysUnavailable.retry_after
    assert retry_after == SECONDS_PER_FETCH
    await fake_clock.advance(retry_after)
    assert await _outcome(server, token) == "token_invalid"
    await asyncio.gather(*flood)


async def test_a_token_that_is_invalid_for_another_reason_causes_no_fetch(
    server: ResourceServer, fake_issuer: FakeIssuer
) -> None:
    key = fake_issuer.keys[-1]
    fetches = fake_issuer.fetches
    claims = fake_issuer.claims(iss="https://attacker.example")
    refusal = await _refusal(server, key.token(claims, {"alg": "EdDSA", "kid": "unknown"}))
    assert refusal.rule is Rule.ISSUER
    assert fake_issuer.fetches == fetches


async def test_the_number_of_requests_that_wait_for_a_fetch_is_bounded(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    gate = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await gate.wait()
        return fake_issuer.publish(request)

    fake_issuer.respond = slow
    waiting = [asyncio.create_task(_refusal(server, _unknown(fake_issuer))) for _ in range(1200)]
    for _ in range(10):
        await fake_clock.settle()
    refused = [task.result() for task in waiting if task.done()]
    assert len(refused) == 1200 - 1024
    assert all(isinstance(refusal, KeysUnavailable) for refusal in refused)
    gate.set()
    await fake_clock.advance(10)
    await asyncio.gather(*waiting)


async def test_a_withdrawal_of_the_last_key_is_not_taken_for_an_outage(
    server: ResourceServer, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    token = fake_issuer.token()
    fake_issuer.retire(fake_issuer.keys[-1])
    await fake_clock.advance(300)
    with pytest.raises(TokenInvalid):
        await server.authenticate(token)


def test_a_flood_of_a_hundred_thousand_tokens_takes_bounded_memory() -> None:
    unknown = UnknownKeys()
    digests = [number.to_bytes(32, "big") for number in range(100_000)]
    for number, digest in enumerate(digests):
        unknown.sight(digest, 0.0001 * number)
    assert len(unknown._seen) == 16_384
    unknown.fetch_begins()
    unknown.fetch_answered()
    assert unknown.is_denied(digests[-1])
    assert not unknown.is_denied(digests[0])
