"""The key set is found by the issuer's metadata: OpenID Connect Discovery, section 4.3, and RFC 8414, section 3.3."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from resource_server.jwks.discovery import FRESH_SECONDS, metadata_addresses
from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import KeysUnavailable

ISSUER = "https://idp.test/tenant"
OPENID = "https://idp.test/tenant/.well-known/openid-configuration"
OAUTH = "https://idp.test/.well-known/oauth-authorization-server/tenant"
KEYS = "https://keys.test/jwks"

Answer = Callable[[httpx.Request], httpx.Response]


class Site:
    """What answers at each address; it counts the requests."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        await asyncio.sleep(0)
        answer = self.answers.get(str(request.url))
        return httpx.Response(404) if answer is None else answer(request)


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    issuer = FakeIssuer(issuer=ISSUER, clock=fake_clock)
    issuer.settings = replace(issuer.settings, jwks_url=None)
    return issuer


def metadata(**members: object) -> Answer:
    return lambda _: httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": KEYS} | members)


@asynccontextmanager
async def serving(issuer: FakeIssuer, site: Site, clock: FakeClock) -> AsyncIterator[ResourceServer]:
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(site)) as client,
        ResourceServer(issuer.settings, client=client, clock=clock) as server,
    ):
        await clock.settle()
        yield server


@pytest.mark.parametrize(
    ("issuer", "openid", "oauth"),
    [
        ("https://a.test", "https://a.test{openid}", "https://a.test{oauth}"),
        ("https://a.test/", "https://a.test{openid}", "https://a.test{oauth}"),
        ("https://a.test:8443/x/y", "https://a.test:8443/x/y{openid}", "https://a.test:8443{oauth}/x/y"),
    ],
)
def test_the_addresses_are_those_of_the_specifications(issuer: str, openid: str, oauth: str) -> None:
    names = {"openid": "/.well-known/openid-configuration", "oauth": "/.well-known/oauth-authorization-server"}
    assert metadata_addresses(issuer) == (openid.format(**names), oauth.format(**names))


@pytest.mark.parametrize("where", [OPENID, OAUTH])
async def test_the_key_set_is_found_by_either_metadata_and_asked_for_once(
    where: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    site = Site({where: metadata(), KEYS: fake_issuer.publish})
    async with serving(fake_issuer, site, fake_clock) as server:
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"
        await fake_clock.advance(FRESH_SECONDS / 2)
        assert site.asked.count(where) == 1
        assert site.asked.count(KEYS) > 1


async def test_a_configured_address_needs_no_metadata(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, jwks_url=KEYS)
    site = Site({KEYS: fake_issuer.publish})
    async with serving(fake_issuer, site, fake_clock) as server:
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"
    assert set(site.asked) == {KEYS}


def _down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


UNUSABLE: dict[str, Answer] = {
    "of another issuer": metadata(issuer="https://attacker.example"),
    "of the issuer with a slash": metadata(issuer=ISSUER + "/"),
    "of no issuer": metadata(issuer=None),
    "without key set": metadata(jwks_uri=None),
    "key set over http": metadata(jwks_uri="http://keys.test/jwks"),
    "key set on loopback over http": metadata(jwks_uri="http://127.0.0.1/jwks"),
    "key set at no address": metadata(jwks_uri="file:///etc/passwd"),
    "not JSON": lambda _: httpx.Response(200, html="<html>"),
    "a list": lambda _: httpx.Response(200, json=[]),
    "a member twice": lambda _: httpx.Response(200, content=b'{"issuer": "a", "issuer": "b"}'),
    "too large": lambda _: httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": KEYS, "x": "x" * 300_000}),
    "redirect": lambda _: httpx.Response(302, headers={"Location": "https://attacker.example"}),
    "500": lambda _: httpx.Response(500),
    "down": _down,
}


@pytest.mark.parametrize("name", UNUSABLE)
async def test_metadata_that_is_not_usable_is_an_outage(
    name: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    site = Site({OPENID: UNUSABLE[name], KEYS: fake_issuer.publish})
    async with serving(fake_issuer, site, fake_clock) as server:
        waiting = asyncio.create_task(server.authenticate(fake_issuer.token()))
        await fake_clock.advance(5)
        with pytest.raises(KeysUnavailable) as refusal:
            await waiting
        assert refusal.value.status == 503
        assert KEYS not in site.asked
        site.answers[OPENID] = metadata()
        await fake_clock.advance(5)
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


@pytest.mark.parametrize("name", UNUSABLE)
async def test_metadata_that_becomes_invalid_leaves_the_address_in_use(
    name: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    site = Site({OPENID: metadata(), KEYS: fake_issuer.publish})
    async with serving(fake_issuer, site, fake_clock) as server:
        site.answers[OPENID] = UNUSABLE[name]
        await fake_clock.advance(3 * FRESH_SECONDS)
        fake_issuer.rotate()
        await fake_clock.advance(600)
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"
        assert site.asked.count(OPENID) > 1


async def test_a_key_set_that_moves_is_found_at_its_new_address(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    site = Site({OPENID: metadata(), KEYS: fake_issuer.publish})
    async with serving(fake_issuer, site, fake_clock) as server:
        moved = KEYS + "/v2"
        site.answers = {OPENID: metadata(jwks_uri=moved), moved: fake_issuer.publish}
        fake_issuer.rotate()
        await fake_clock.advance(1_200)
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_the_snapshot_is_used_while_the_metadata_is_unavailable(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, tmp_path: Path
) -> None:
    fake_issuer.settings = replace(fake_issuer.settings, key_set_snapshot=tmp_path / "keys.json")
    async with serving(fake_issuer, Site({OPENID: metadata(), KEYS: fake_issuer.publish}), fake_clock):
        pass
    async with serving(fake_issuer, Site({}), fake_clock) as server:
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


async def test_the_fake_issuer_can_be_discovered(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock) as server,
    ):
        assert (await server.authenticate(fake_issuer.token())).subject == "user-1"


@pytest.mark.parametrize("issuer", ["idp.test", "http://idp.test", "https://idp.test/?tenant=1", "https://a@idp.test"])
def test_an_issuer_that_is_not_an_address_needs_a_jwks_url(issuer: str) -> None:
    settings: dict[str, Any] = {"issuer": issuer, "audience": "https://api.test"}
    with pytest.raises(ValueError, match="without jwks_url, issuer must"):
        ResourceServerSettings(**settings)
    assert ResourceServerSettings(**settings, jwks_url=KEYS).jwks_url == KEYS
