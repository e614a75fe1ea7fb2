"""An application that can accept no token, or refuse no revoked one, is not ready, and says why in its log."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.utils import formatdate
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.applications import Starlette

from resource_server import ResourceServer, check_readiness, readiness
from resource_server.asgi import AuthenticationMiddleware
from resource_server.fastapi import Auth, Principal
from resource_server.revocation import (
    HttpRevocationFeed,
    NatsAccess,
    NatsRevocationFeed,
    RevocationFeed,
    RevocationList,
)
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.revocations import FakeRevocations
from tests.revocation.waiting import fresh, until

ISSUER, AUDIENCE = "https://idp.test", "https://api.test"
HERE, THERE = "a" * 32, "b" * 32
READY = {"keys": "ok", "tokens": "ok", "revocations": "ok"}
PAGE = {
    "cursor": "abc/10:20:",
    "reset": True,
    "complete": True,
    "max_token_life": 2595600,
    "expected": 0,
    "missing_triggers": [],
    "schema_version": 3,
    "revocations": [],
}


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is wrong is logged at once."""
    monkeypatch.setattr(readiness, "SECONDS_BETWEEN_LOOKS", 0.001)
    with caplog.at_level(logging.ERROR, "resource_server"):
        yield caplog


def feed_of(origin: str = HERE, **changes: object) -> HttpRevocationFeed:
    def answer(request: httpx.Request) -> httpx.Response:
        page = PAGE | {"reset": "after" not in request.url.params} | changes
        return httpx.Response(200, json=page, headers={"Revocation-Origin": origin})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HttpRevocationFeed(f"{ISSUER}/revocations", "secret", client=client)


def announcing(issuer: FakeIssuer, **changes: str) -> FakeIssuer:
    issuer.headers = {
        "Token-Issuer": ISSUER,
        "Token-Audience": AUDIENCE,
        "Token-Algorithm": "EdDSA",
        "Revocation-Origin": HERE,
        "Date": formatdate(time.time(), usegmt=True),
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    return issuer


def application(auth: Auth) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/readyz")
    async def readyz(request: Request, response: Response) -> dict[str, str]:
        checks = auth.readiness(request)
        response.status_code = 200 if set(checks.values()) == {"ok"} else 503
        return checks

    @app.get("/notes")
    async def notes(caller: Annotated[Principal, auth.requires()]) -> str:
        return caller.subject

    return app


@asynccontextmanager
async def started(
    trusted: FakeIssuer, feed: RevocationFeed | None = None, *, issuer: str = ISSUER, audience: str = AUDIENCE
) -> AsyncIterator[httpx.AsyncClient]:
    """An application that trusts this issuer, once it has keys and revocations."""
    feed = feed or feed_of()
    auth = Auth(replace(trusted.settings, issuer=issuer, audience=audience), revocations=feed, client=trusted.client())
    async with running(application(auth)) as client:
        await fresh(feed)
        await judged(client)
        yield client


async def judged(client: httpx.AsyncClient) -> None:
    """Wait until the keys were fetched, or could not be."""
    while True:
        if not (await client.get("/readyz")).json()["keys"].endswith("being fetched"):
            return
        await asyncio.sleep(0.001)


async def test_settings_that_fit_are_ready_and_nothing_is_logged(
    fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture
) -> None:
    async with started(announcing(fake_issuer)) as client:
        for _ in range(20):
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()) == (200, READY)
    assert logged.messages == []


TOKENS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "another issuer": (
        "https://other.test",
        AUDIENCE,
        {},
        "tokens are issued by https://idp.test, but `issuer` is https://other.test: set `issuer` to https://idp.test",
    ),
    "another audience": (
        ISSUER,
        "other",
        {},
        "tokens are issued for https://api.test, but `audience` is other: set `audience` to https://api.test, or the"
        " identity provider's audience to other",
    ),
    "another algorithm": (
        ISSUER,
        AUDIENCE,
        {"Token_Algorithm": "ES256"},
        "tokens are signed with ES256, which `algorithms` does not accept: add ES256 to `algorithms`",
    ),
    "a clock that is behind": (
        ISSUER,
        AUDIENCE,
        {"Date": formatdate(time.time() + 3_600, usegmt=True)},
        "behind the issuer's, so new tokens seem to come from the future: synchronise the clocks of both (NTP)",
    ),
}


@pytest.mark.parametrize("wrong", TOKENS)
async def test_what_makes_every_token_fail_is_not_ready_and_is_logged_in_one_line(
    fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture, wrong: str
) -> None:
    issuer, audience, announced, words = TOKENS[wrong]
    async with started(announcing(fake_issuer, **announced), issuer=issuer, audience=audience) as client:
        answer = await client.get("/readyz")
        await until(lambda: bool(logged.messages))
        await client.get("/readyz")
    assert answer.status_code == 503
    assert words in answer.json()["tokens"]
    assert answer.json() == READY | {"tokens": answer.json()["tokens"]}
    assert logged.messages == [f"not ready: {answer.json()['tokens']}"]


REVOCATIONS: dict[str, tuple[Callable[[], RevocationFeed], str]] = {
    "of another database": (
        lambda: feed_of(THERE),
        "come from another database than the issuer's keys, so what is revoked there is accepted here: let the"
        " revocation feed and `jwks_url` lead to one identity provider",
    ),
    "without a trigger": (
        lambda: feed_of(missing_triggers=["session.ended"]),
        "missing or altered in the database: session.ended; run `npx better-auth-revocation migrate`",
    ),
    "of an earlier version": (
        lambda: feed_of(schema_version=1),
        "the database has version 1 of the revocation feed, 2 is needed; run `npx better-auth-revocation migrate`",
    ),
}


@pytest.mark.parametrize("wrong", REVOCATIONS)
async def test_revocations_that_do_not_fit_are_not_ready_and_are_logged_in_one_line(
    fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture, wrong: str
) -> None:
    feed, words = REVOCATIONS[wrong]
    async with started(announcing(fake_issuer), feed()) as client:
        answer = await client.get("/readyz")
        await until(lambda: bool(logged.messages))
        await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, READY | {"revocations": words})
    assert logged.messages == [f"not ready: revocations {words}"]


@pytest.mark.parametrize("life", [3_600, 3_601])
async def test_tokens_that_outlive_their_revocations_are_not_ready_and_shorter_ones_are(
    fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture, life: int
) -> None:
    async with started(announcing(fake_issuer), feed_of(max_token_life=3_600)) as client:
        assert (await client.get("/readyz")).json() == READY
        sent = {"Authorization": f"Bearer {fake_issuer.token(life=life)}"}
        assert (await client.get("/notes", headers=sent)).status_code == 200
        said = (await client.get("/readyz")).json()["revocations"]
        await until(lambda: life == 3_600 or bool(logged.messages))
    words = "are kept for 3600 s, and tokens that live for 3601 s were accepted: lower `max_token_life` to 3600"
    assert said == "ok" if life == 3_600 else said.startswith(words)
    assert logged.messages == ([] if life == 3_600 else [f"not ready: revocations {said}"])


async def test_an_application_that_has_accepted_a_token_stays_ready_for_the_old_ones(fake_issuer: FakeIssuer) -> None:
    async with started(announcing(fake_issuer, Token_Audience="of-tomorrow")) as client:
        assert (await client.get("/readyz")).status_code == 503
        sent = {"Authorization": f"Bearer {fake_issuer.token()}"}
        assert (await client.get("/notes", headers=sent)).status_code == 200
        assert (await client.get("/readyz")).json() == READY


async def test_keys_that_can_t_be_fetched_are_not_ready(
    fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture
) -> None:
    fake_issuer.respond = lambda _: httpx.Response(500)
    async with started(fake_issuer) as client:
        assert (await client.get("/readyz")).json()["keys"].startswith("no usable keys of the issuer: ")
    assert logged.messages == []


@pytest.mark.parametrize(
    ("age", "words"),
    [(0.0, "ok"), (61.0, "complete as of 61 s ago: late"), (float("inf"), "not loaded yet: still loading")],
)
def test_a_list_of_your_own_is_ready_while_it_is_recent(
    fake_issuer: FakeIssuer, fake_revocations: FakeRevocations, age: float, words: str
) -> None:
    fake_revocations.age = age
    server = ResourceServer(fake_issuer.settings, revocations=fake_revocations)
    assert check_readiness(server) == {
        "keys": "the issuer's keys are still being fetched",
        "tokens": "ok",
        "revocations": words,
    }


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("not_installed", "the stream is not there: start a publisher"),
        ("forbidden", "NATS does not accept the credentials"),
        ("timeout", "no publisher answers"),
    ],
)
def test_what_keeps_revocations_on_nats_away_is_named_with_its_remedy(
    fake_issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch, error: str, words: str
) -> None:
    feed = NatsRevocationFeed(NatsAccess("nats://localhost:4222"))
    status = replace(feed.status(), error=error, remedy=feed.remedy(error))
    monkeypatch.setattr(feed, "status", lambda: status)
    said = check_readiness(ResourceServer(fake_issuer.settings, revocations=feed))["revocations"]
    assert said.startswith(f"not loaded yet (nats): {error}; ")
    assert words in said


def test_revocations_of_a_kind_that_is_not_known_are_not_ready(
    fake_issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of()
    status = replace(feed.status(), error="unknown_kind")
    monkeypatch.setattr(feed, "status", lambda: status)
    said = check_readiness(ResourceServer(fake_issuer.settings, revocations=feed))["revocations"]
    assert said.startswith("are of a kind that this version does not know: install a newer one")


def of(issuer: FakeIssuer, revocations: RevocationList) -> Auth:
    return Auth(issuer.settings, revocations=revocations, client=issuer.client())


async def test_of_several_issuers_the_one_that_is_not_ready_is_named(
    fake_issuer: FakeIssuer, fake_revocations: FakeRevocations, logged: pytest.LogCaptureFixture
) -> None:
    other = FakeIssuer(issuer="https://partner.test")
    other.headers = {"Token-Issuer": "https://partner.test", "Token-Audience": "another"}
    auth = Auth(
        fake_issuer.settings,
        revocations=fake_revocations,
        client=fake_issuer.client(),
        also=[of(other, FakeRevocations())],
    )
    async with running(application(auth)) as client:
        await until(lambda: bool(logged.messages))
        answer = await client.get("/readyz")
    said = answer.json()["tokens"]
    assert said.startswith("https://partner.test: tokens are issued for another, but `audience` is https://api.test: ")
    assert ISSUER not in said
    assert answer.json() == READY | {"tokens": said}
    assert logged.messages == [f"not ready: {said}"]


async def test_the_asgi_middleware_logs_it_too(fake_issuer: FakeIssuer, logged: pytest.LogCaptureFixture) -> None:
    server = ResourceServer(
        fake_issuer.settings, client=announcing(fake_issuer, Token_Issuer="https://b.test").client()
    )
    app = AuthenticationMiddleware(Starlette(), server)
    inbox = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        message = next(inbox)
        await until(lambda: message["type"] == "lifespan.startup" or bool(logged.messages))
        return message

    async def send(_: object) -> None:
        """Nobody waits for it."""

    await app({"type": "lifespan", "state": {}}, receive, send)
    assert [line.partition(", but")[0] for line in logged.messages] == [
        "not ready: tokens are issued by https://b.test"
    ]
