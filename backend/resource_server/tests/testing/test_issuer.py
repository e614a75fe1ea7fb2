"""The fake issuer over a real socket, its clock, its attacks, and the plugin."""

import asyncio
import sys

import httpx
import pytest

from resource_server.server import ResourceServer
from resource_server.testing.attacks import ATTACKS, EDGE_ATTACKS, Attack
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import AlgorithmName, SigningKey
from resource_server.verification.encoding import decode_base64url
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import parse_key_set
from tests.verifying import verify

SAMPLES = {}
for algorithm in ("EdDSA", "RS256"):
    issuer = FakeIssuer(algorithm=algorithm, clock=FakeClock())
    SAMPLES[algorithm] = (issuer.sample(), parse_key_set(issuer.jwks, issuer.policy, {}).keys)


async def test_the_keys_are_fetched_over_a_real_socket(served_issuer: FakeIssuer) -> None:
    async with ResourceServer(served_issuer.settings) as server:
        assert (await server.authenticate(served_issuer.token())).subject == "user-1"
        served_issuer.rotate("RS256")
        assert (await server.authenticate(served_issuer.token())).subject == "user-1"
    assert served_issuer.fetches == 2


async def test_the_socket_answers_304_to_its_etag(served_issuer: FakeIssuer) -> None:
    async with httpx.AsyncClient() as client:
        first = await client.get(served_issuer.jwks_url)
        etag = {"If-None-Match": first.headers["ETag"]}
        assert (await client.get(served_issuer.jwks_url, headers=etag)).status_code == 304
        served_issuer.rotate()
        assert (await client.get(served_issuer.jwks_url, headers=etag)).status_code == 200


@pytest.mark.parametrize("algorithm", SAMPLES)
def test_the_sample_of_the_attacks_is_valid(algorithm: AlgorithmName) -> None:
    sample, keys = SAMPLES[algorithm]
    assert verify(sample.token, keys, sample.policy, sample.now) == sample.claims


def test_a_sample_and_its_claims_have_the_same_second() -> None:
    seconds = iter(range(1_800_000_000, 1_800_000_100))
    sample = FakeIssuer(clock=lambda: next(seconds)).sample()
    assert sample.now == sample.claims["iat"]


@pytest.mark.parametrize("attack", [*ATTACKS, *EDGE_ATTACKS], ids=str)
@pytest.mark.parametrize("algorithm", SAMPLES)
def test_every_attack_breaks_its_rule_and_no_other(algorithm: AlgorithmName, attack: Attack) -> None:
    sample, keys = SAMPLES[algorithm]
    with pytest.raises(TokenInvalid) as refusal:
        verify(attack.forge(sample), keys, sample.policy, sample.now)
    assert (refusal.value.rule, refusal.value.code) == (attack.rule, attack.code)


def test_the_attacks_have_names_of_their_own() -> None:
    attacks = [*ATTACKS, *EDGE_ATTACKS]
    assert len({attack.id for attack in attacks}) == len(attacks) >= 250


async def test_the_fake_clock_wakes_sleepers_when_they_are_due(fake_clock: FakeClock) -> None:
    woken: list[tuple[str, float]] = []
    begin = fake_clock()

    async def sleeper(name: str, seconds: float) -> None:
        await fake_clock.sleep(seconds)
        woken.append((name, fake_clock() - begin))

    tasks = [asyncio.create_task(sleeper(name, seconds)) for name, seconds in (("b", 20), ("a", 10), ("c", 30))]
    await fake_clock.advance(20)
    assert woken == [("a", 10), ("b", 20)]
    await fake_clock.advance(10)
    await asyncio.gather(*tasks)
    assert woken[-1] == ("c", 30)


async def test_the_plugin_loads_nothing_heavy_until_a_fixture_is_used() -> None:
    heavy = "{'fastapi', 'httpx', 'cryptography'} & set(sys.modules)"
    program = f"import sys, resource_server.testing.plugin; sys.exit(bool({heavy}))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await process.wait() == 0


@pytest.mark.parametrize(("algorithm", "octets"), [("ES256", 32), ("ES384", 48), ("ES512", 66)])
def test_a_published_point_has_the_full_size_of_its_curve(algorithm: AlgorithmName, octets: int) -> None:
    # Every other P-521 coordinate begins with a zero octet.
    for _ in range(12):
        jwk = SigningKey.generate("key-1", algorithm).public_jwk
        assert [len(decode_base64url(jwk[name])) for name in ("x", "y")] == [octets, octets]
