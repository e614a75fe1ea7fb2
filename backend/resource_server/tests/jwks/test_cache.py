"""The key set through outages, malformed answers, rotation and time. All time is fake."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import SigningKey
from resource_server.verification.errors import AuthenticationError, KeysUnavailable, TokenInvalid
from resource_server.verification.rules import Rule

HOUR = 3_600
DAY = 24 * HOUR


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@asynccontextmanager
async def _serving(issuer: FakeIssuer, clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        issuer.client() as client,
        ResourceServer(issuer.settings, client=client, clock=clock) as server,
    ):
        await clock.settle()
        yield server


def _down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def _hang(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


ED = SigningKey.generate("key-1").public_jwk
HALF_A_KEY = {name: value for name, value in ED.items() if name != "x"}
BROKEN: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "refused connection": _down,
    "500": lambda _: httpx.Response(500, text="oops"),
    "404": lambda _: httpx.Response(404),
    "redirect": lambda _: httpx.Response(302, headers={"Location": "https://attacker.example/jwks"}),
    "permanent redirect": lambda _: httpx.Response(308, headers={"Location": "https://attacker.example/jwks"}),
    "HTML": lambda _: httpx.Response(200, html="<html>Sign in to the Wi-Fi</html>"),
    "no body": lambda _: httpx.Response(200),
    "a key that is no object": lambda _: httpx.Response(200, json={"keys": [None]}),
    "half a key": lambda _: httpx.Response(200, json={"keys": [HALF_A_KEY]}),
    "a key with a broken value": lambda _: httpx.Response(200, json={"keys": [ED | {"x": "!"}]}),
    "a key for encryption and half a key": lambda _: httpx.Response(200, json={"keys": [ED | {"use": "enc"}, {}]}),
    "a number out of range": lambda _: httpx.Response(200, content=b'{"keys":[],"version":1e999}'),
    "10 MB": lambda _: httpx.Response(200, content=b" " * 10_000_000 + b'{"keys":[]}'),
    "half a JSON": lambda _: httpx.Response(200, content=b'{"keys":[{"kty":"OKP","crv":"Ed25519"'),
    "an array": lambda _: httpx.Response(200, json=[]),
    "members twice": lambda _: httpx.Response(200, content=b'{"keys":[],"keys":[]}'),
    "compressed": lambda _: httpx.Response(200, content=b"", headers={"Content-Encoding": "br"}),
    "206": lambda _: httpx.Response(206),
}
WITHDRAWALS: dict[str, list[dict[str, object]]] = {
    "no keys": [],
    "for encryption only": [ED | {"use": "enc"}],
    "for signing only": [ED | {"key_ops": ["sign"]}],
    "with a private member": [ED | {"d": ED["x"]}],
    "with a private member, and once more without": [ED | {"d": ED["x"]}, ED],
    "for another algorithm": [ED | {"alg": "ES256"}],
    "of types that are not known": [{"kty": "oct", "kid": "key-1", "k": "AAAA"}, {"kty": "AKP", "kid": "key-1"}],
    "too weak": [{"kty": "RSA", "kid": "key-1", "alg": "RS256", "n": "AQAB", "e": "AQAB"}],
}


async def _refusal(server: ResourceServer, token: str, clock: FakeClock) -> AuthenticationError:
    """Why the token is refused, within two seconds of the fake clock."""
    request = asyncio.create_task(server.authenticate(token))
    await clock.advance(2)
    with pytest.raises(AuthenticationError) as refusal:
        await request
    return refusal.value


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
async def test_a_malformed_answer_leaves_the_held_set_in_use(
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
async def test_a_malformed_first_answer_is_an_outage_and_never_an_invalid_token(
    answer: Callable[[httpx.Request], httpx.Response], fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.respond = answer
    async with _serving(fake_issuer, fake_clock) as server:
        assert isinstance(await _refusal(server, fake_issuer.token(), fake_clock), KeysUnavailable)
        assert not server.key_set().usable


@pytest.mark.parametrize("keys", WITHDRAWALS.values(), ids=WITHDRAWALS.keys())
async def test_a_well_formed_set_without_a_usable_key_withdraws_the_keys(
    keys: list[dict[str, object]], fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        token = fake_issuer.token()
        await server.authenticate(token)
        fake_issuer.respond = lambda _: httpx.Response(200, json={"keys": keys})
        await fake_clock.advance(300)
        held = server.key_set()
        assert (held.usable, held.key_ids) == (False, ())
        assert held.last_failure is not None
        assert "no usable key" in held.last_failure
        for refused in (token, fake_issuer.token()):
            refusal = await _refusal(server, refused, fake_clock)
            assert (refusal.code, refusal.rule) == ("token_invalid", Rule.UNKNOWN_KEY)
        fake_issuer.respond = None
        await fake_clock.advance(60)
        await server.authenticate(token)


async def test_a_usable_key_beside_a_malformed_one_is_used(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        keys = [HALF_A_KEY, None, *fake_issuer.jwks["keys"]]
        fake_issuer.respond = lambda _: httpx.Response(200, json={"keys": keys})
        await fake_clock.advance(300)
        assert server.key_set().last_failure is None
        await server.authenticate(fake_issuer.token())


@pytest.mark.parametrize(
    "etag",
    ['"caf\xe9"', '"a\tb"', "unquoted", '"', '"' + "x" * 300 + '"', 'w/"x"', '"x" "y"', ""],
    ids=["latin-1", "tab", "unquoted", "one quote", "long", "lower case", "two", "empty"],
)
async def test_an_etag_that_cannot_be_sent_back_is_ignored(
    etag: str, fake_issuer: FakeIssuer, fake_clock: FakeClock, tmp_path: Path
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, key_set_snapshot=tmp_path / "snapshot.json")
    asked_for: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked_for.append(request.headers.get("if-none-match"))
        headers = [(b"ETag", etag.encode("latin-1"))]
        return httpx.Response(200, json=fake_issuer.jwks, headers=headers)

    fake_issuer.respond = answer
    for _ in range(2):  # the second time from the snapshot
        async with _serving(fake_issuer, fake_clock) as server:
            await fake_clock.advance(HOUR)
            assert server.key_set().last_failure is None
    assert len(asked_for) > 10
    assert set(asked_for) == {None}


async def test_a_jump_of_the_wall_clock_does_not_change_the_age_of_the_keys(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with _serving(fake_issuer, fake_clock) as server:
        fake_clock.now += 2 * DAY
        await fake_clock.settle()
        assert server.key_set().usable
        assert server.key_set().age == 0
        await server.authenticate(fake_issuer.token())
        fake_clock.now -= 4 * DAY
        fake_issuer.respond = _down
        fetches = fake_issuer.fetches
        await fake_clock.advance(DAY)
        assert fake_issuer.fetches > fetches
        await fake_clock.advance(1)
        assert not server.key_set().usable


async def test_a_server_that_was_stopped_during_a_fetch_can_be_started_again(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    async with fake_issuer.client() as client:
        server = ResourceServer(fake_issuer.settings, client=client, clock=fake_clock)
        fake_issuer.respond = _hang
        for settle in (False, True):
            async with server:
                if settle:
                    await fake_clock.settle()
        assert isinstance(await _refusal(server, fake_issuer.token(), fake_clock), KeysUnavailable)
        fake_issuer.respond = None
        async with server:
            assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_two_keys_of_one_id_and_of_different_types_are_both_used(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.keys = [SigningKey.generate("same", "RS256"), SigningKey.generate("same", "EdDSA")]
    async with _serving(fake_issuer, fake_clock) as server:
        for key in fake_issuer.keys:
            token = key.token(fake_issuer.claims())
            assert (await server.authenticate(token)).subject == "user-1"
            assert server.recall(token.encode()) is not None
        confused = fake_issuer.keys[0].token(fake_issuer.claims(), {"alg": "EdDSA", "kid": "same"})
        refusal = await _refusal(server, confused, fake_clock)
        assert refusal.rule is Rule.SIGNATURE


async def test_a_fetch_without_an_answer_times_out(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    fake_issuer.respond = _hang
    fake_issuer.settings = replace(fake_issuer.settings, fetch_timeout=0.02)
    async with _serving(fake_issuer, fake_clock) as server:
        await asyncio.sleep(0.03)
        assert isinstance(await _refusal(server, fake_issuer.token(), fake_clock), KeysUnavailable)


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
            assert isinstance(await _refusal(server, token, fake_clock), KeysUnavailable)
        assert not server.key_set().usable
        fake_issuer.respond = None
        await fake_clock.advance(3)
        await server.authenticate(warm)


async def test_an_issuer_that_starts_later_is_found_without_a_restart(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    fake_issuer.respond = _down
    async with _serving(fake_issuer, fake_clock) as server:
        await fake_clock.advance(10)
        assert not server.key_set().usable
        fake_issuer.respond = None
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.advance(2)
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
        ("max-age=500", 375, 475),
        ("public, max-age=400, must-revalidate", 300, 380),
        ("max-age=1", 22, 29),
        ("no-store", 22, 29),
        ("max-age=999999", 450, 570),
        ("max-age=nonsense", 225, 285),
    ],
)
async def test_the_refresh_comes_before_max_age_has_passed(
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


async def test_no_valid_token_is_refused_before_during_or_after_a_rotation(
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


async def test_replacing_a_key_under_its_id_forgets_its_remembered_tokens(
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


async def test_a_cancelled_request_does_not_cancel_the_fetch_of_others(
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


async def test_stopping_during_a_fetch_leaves_no_task_behind(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    fake_issuer.respond = _hang
    before = asyncio.all_tasks()
    async with _serving(fake_issuer, fake_clock) as server:
        request = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.settle()
    with pytest.raises(KeysUnavailable):
        await request
    assert asyncio.all_tasks() == before


async def test_the_refresh_continues_whatever_a_transport_raises(
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


async def test_a_server_with_its_own_client_can_be_restarted_after_a_stop_at_any_time(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource_server.jwks.cache.new_client", fake_issuer.client)
    server = ResourceServer(fake_issuer.settings, clock=fake_clock)
    token = fake_issuer.token()
    for steps in range(8):
        async with server:
            request = asyncio.create_task(server.authenticate(token))
            for _ in range(steps):
                await asyncio.sleep(0)
        await asyncio.gather(request, return_exceptions=True)
        fake_issuer.rotate()
        async with server:
            assert (await server.authenticate(fake_issuer.token())).subject == "user-1"
