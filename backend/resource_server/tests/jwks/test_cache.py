"""The key set through outages, broken answers, rotation and time. Nothing here waits for real."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import SigningKey
from resource_server.verification.errors import KeysUnavailable, TokenInvalid

HOUR = 3_600
DAY = 24 * HOUR


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@asynccontextmanager
async def _serving(issuer: FakeIssuer, clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        issuer.client() as client,
        ResourceServer(issuer.settings, client=client, clock=clock, sleep=clock.sleep) as server,
    ):
        await clock.settle()
        yield server


def _down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def _hang(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


WRONG_TYPES = {
    "keys": [{"kty": "oct", "kid": "key-1", "k": "AAAA"}, {"kty": "RSA", "kid": "key-1", "n": "AQAB", "e": "AQAB"}]
}
BROKEN: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "refused connection": _down,
    "500": lambda _: httpx.Response(500, text="oops"),
    "404": lambda _: httpx.Response(404),
    "redirect": lambda _: httpx.Response(302, headers={"Location": "https://attacker.example/jwks"}),
    "permanent redirect": lambda _: httpx.Response(308, headers={"Location": "https://attacker.example/jwks"}),
    "HTML": lambda _: httpx.Response(200, html="<html>Sign in to the Wi-Fi</html>"),
    "no body": lambda _: httpx.Response(200),
    "empty set": lambda _: httpx.Response(200, json={"keys": []}),
    "10 MB": lambda _: httpx.Response(200, content=b" " * 10_000_000 + b'{"keys":[]}'),
    "half a JSON": lambda _: httpx.Response(200, content=b'{"keys":[{"kty":"OKP","crv":"Ed25519"'),
    "wrong key types": lambda _: httpx.Response(200, json=WRONG_TYPES),
    "an array": lambda _: httpx.Response(200, json=[]),
    "members twice": lambda _: httpx.Response(200, content=b'{"keys":[],"keys":[]}'),
    "compressed": lambda _: httpx.Response(200, content=b"", headers={"Content-Encoding": "br"}),
    "206": lambda _: httpx.Response(206),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_answer_leaves_the_good_set_in_use(
    answer: Callable[[httpx.Request], httpx.Response], fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        fake_issuer.respond = answer
        fetches = fake_issuer.fetches
        await fake_clock.advance(HOUR)
        assert fake_issuer.fetches > fetches
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"
        assert server.key_set().last_failure is not None


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_answer_at_first_is_an_outage_and_never_a_bad_token(
    answer: Callable[[httpx.Request], httpx.Response], fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.respond = answer
    async with _serving(fake_issuer, fake_clock) as server:
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.advance(1)
        with pytest.raises(KeysUnavailable):
            await request


async def test_an_answer_that_never_comes_is_given_up(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    fake_issuer.respond = _hang
    fake_issuer.settings = replace(fake_issuer.settings, fetch_timeout=0.02)
    async with _serving(fake_issuer, fake_clock) as server:
        with pytest.raises(KeysUnavailable):
            await server.authenticate(fake_issuer.token())


async def test_no_request_waits_for_a_refresh_while_a_set_is_held(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        fake_issuer.respond = _hang
        fetches = fake_issuer.fetches
        await fake_clock.advance(400)
        assert fake_issuer.fetches == fetches + 1
        async with asyncio.timeout(0.5):
            await server.authenticate(fake_issuer.token())


async def test_known_keys_verify_through_an_hour_of_outage_and_past_the_bound_it_is_an_outage(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        warm = fake_issuer.token()
        await server.authenticate(warm)
        fake_issuer.respond = _down
        await fake_clock.advance(HOUR)
        await server.authenticate(warm)
        await server.authenticate(fake_issuer.token())
        confirmed_ago = server.key_set().age
        assert confirmed_ago is not None
        await fake_clock.advance(DAY - confirmed_ago)
        await server.authenticate(warm)
        await fake_clock.advance(1)
        for token in (warm, fake_issuer.token()):
            request = asyncio.create_task(server.authenticate(token))
            await fake_clock.advance(1)
            with pytest.raises(KeysUnavailable):
                await request
        assert not server.key_set().usable
        fake_issuer.respond = None
        await fake_clock.advance(3)
        await server.authenticate(warm)


async def test_an_issuer_that_comes_up_later_is_found_without_a_restart(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.respond = _down
    async with _serving(fake_issuer, fake_clock) as server:
        await fake_clock.advance(10)
        assert not server.key_set().usable
        fake_issuer.respond = None
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.advance(0.5)
        assert (await request).subject == "user-1"


async def test_failed_fetches_back_off(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock):
        fake_issuer.respond = _down
        await fake_clock.advance(HOUR)
        fetches = fake_issuer.fetches
        await fake_clock.advance(HOUR)
        assert 60 <= fake_issuer.fetches - fetches <= 121


async def test_a_thousand_requests_at_once_cost_one_fetch(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        tokens = [fake_issuer.token() for _ in range(1000)]
        principals = await asyncio.gather(*(server.authenticate(token) for token in tokens))
        assert len(principals) == 1000
        assert fake_issuer.fetches == 1


@pytest.mark.parametrize(
    ("cache_control", "soonest", "latest"),
    [
        (None, 225, 285),
        ("max-age=1000", 750, 950),
        ("public, max-age=600, must-revalidate", 450, 570),
        ("max-age=1", 22, 29),
        ("no-store", 22, 29),
        ("max-age=999999", 2700, 3420),
        ("max-age=nonsense", 225, 285),
    ],
)
async def test_the_refresh_comes_before_the_set_grows_old_by_its_own_account(
    cache_control: str | None, soonest: int, latest: int, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.cache_control = cache_control
    async with _serving(fake_issuer, fake_clock):
        await fake_clock.advance(soonest - 1)
        assert fake_issuer.fetches == 1
        await fake_clock.advance(latest - soonest + 2)
        assert fake_issuer.fetches == 2


async def test_an_unchanged_set_is_confirmed_by_its_etag(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        statuses: list[int] = []

        def answer(request: httpx.Request) -> httpx.Response:
            response = fake_issuer.publish(request)
            statuses.append(response.status_code)
            return response

        fake_issuer.respond = answer
        await fake_clock.advance(2 * DAY)
        assert set(statuses) == {304}
        await server.authenticate(fake_issuer.token())
        fake_issuer.rotate()
        await server.authenticate(fake_issuer.token())
        assert statuses[-1] == 200


async def test_no_good_token_is_refused_before_during_and_after_a_rotation(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        old = fake_issuer.keys[-1]
        tokens = [fake_issuer.token() for _ in range(20)]
        for step in range(60):
            if step == 20:
                fake_issuer.rotate()
            tokens = [*tokens[1:], fake_issuer.token()]
            await asyncio.gather(*(server.authenticate(token) for token in tokens))
            await fake_clock.advance(0.1)
        fake_issuer.retire(old)
        await fake_clock.advance(HOUR)
        for token in tokens:
            await server.authenticate(token)


async def test_a_retired_key_is_refused_after_the_refresh_for_remembered_tokens_too(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token()
        await server.authenticate(token)
        old = fake_issuer.keys[-1]
        fake_issuer.rotate()
        fake_issuer.retire(old)
        await server.authenticate(token)
        await fake_clock.advance(300)
        with pytest.raises(TokenInvalid):
            await server.authenticate(token)


async def test_a_key_replaced_under_its_id_takes_its_remembered_tokens_along(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token()
        await server.authenticate(token)
        fake_issuer.keys[-1] = SigningKey.generate(fake_issuer.keys[-1].key_id)
        await fake_clock.advance(300)
        with pytest.raises(TokenInvalid):
            await server.authenticate(token)
        await server.authenticate(fake_issuer.token())


async def test_a_request_that_is_cancelled_leaves_the_fetch_to_the_others(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    gate = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        await gate.wait()
        return fake_issuer.publish(request)

    fake_issuer.respond = answer
    async with _serving(fake_issuer, fake_clock) as server:
        first, second = (asyncio.create_task(server.authenticate(fake_issuer.token())) for _ in range(2))
        await fake_clock.settle()
        first.cancel()
        await fake_clock.settle()
        gate.set()
        assert (await second).subject == "user-1"
        assert first.cancelled()


async def test_stopping_in_the_middle_of_a_fetch_leaves_no_task_behind(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.respond = _hang
    before = asyncio.all_tasks()
    async with _serving(fake_issuer, fake_clock) as server:
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.settle()
    with pytest.raises(KeysUnavailable):
        await request
    assert asyncio.all_tasks() == before


async def test_whatever_a_transport_raises_the_refresh_goes_on(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise RuntimeError("a bug")

    async with _serving(fake_issuer, fake_clock) as server:
        fake_issuer.respond = broken
        with caplog.at_level(logging.ERROR):
            await fake_clock.advance(HOUR)
        fake_issuer.respond = None
        await fake_clock.advance(60)
        assert server.key_set().last_failure is None
