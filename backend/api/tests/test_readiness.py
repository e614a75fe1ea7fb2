"""A process whose settings fit none of the issuer's tokens is not ready, and says which setting it is."""

import asyncio
import logging
from collections.abc import Callable

import httpx
import pytest

from notes_api.application import create_app
from notes_api.database import Database
from notes_api.generated.permissions import SCOPES
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer
from tests.fixtures.service import running


def announce(issuer: FakeIssuer, **changes: str) -> None:
    said = {"Issuer": issuer.settings.issuer, "Audience": issuer.settings.audience, "Algorithm": "EdDSA", **changes}
    issuer.headers = {f"Token-{name}": value for name, value in said.items()}


async def readiness(client: httpx.AsyncClient) -> tuple[int, str]:
    """Once the keys were had."""
    while True:
        answer = await client.get("/readyz")
        checks = answer.json()["checks"]
        if checks["keys"] == "ok":
            return answer.status_code, checks["tokens"]


WRONG: dict[str, tuple[Callable[[FakeIssuer], None], str]] = {
    "the issuer": (lambda issuer: announce(issuer, Issuer="https://other.example"), "set AUTH_ISSUER to https://other"),
    "the issuer's slash": (
        lambda issuer: announce(issuer, Issuer=issuer.settings.issuer + "/"),
        "differ in the slash at the end",
    ),
    "the audience": (
        lambda issuer: announce(issuer, Audience="another"),
        "or the identity provider's audience (JWT_AUDIENCE) to https://",
    ),
    "the algorithm": (lambda issuer: announce(issuer, Algorithm="ES256"), "add ES256 to AUTH_ALGORITHMS"),
}


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is logged at once."""
    monkeypatch.setattr("resource_server.readiness.SECONDS_BETWEEN_LOOKS", 0.001)


async def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    for _ in range(1_000):
        if caplog.messages:
            break
        await asyncio.sleep(0.01)
    return caplog.messages


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("name", WRONG)
async def test_what_makes_every_token_fail_is_not_ready_and_the_log_says_so(
    settings: Settings,
    database: Database,
    issuer: FakeIssuer,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    change, words = WRONG[name]
    change(issuer)
    with caplog.at_level(logging.ERROR, "resource_server"):
        async with running(create_app(settings), database=database) as client:
            status, said = await readiness(client)
            assert await logged(caplog) == [f"not ready: {said}"]
    assert status == 503
    assert words in said


async def test_settings_that_fit_are_ready(settings: Settings, database: Database, issuer: FakeIssuer) -> None:
    announce(issuer)
    async with running(create_app(settings), database=database) as client:
        assert await readiness(client) == (200, "ok")


async def test_a_process_that_has_accepted_a_token_goes_on_serving_the_old_ones(
    settings: Settings, database: Database, issuer: FakeIssuer
) -> None:
    announce(issuer, Audience="of-tomorrow")
    async with running(create_app(settings), database=database) as client:
        assert (await readiness(client))[0] == 503
        held = {"Authorization": f"Bearer {issuer.token(scopes=SCOPES)}"}
        assert (await client.get("/api/me", headers=held)).status_code == 200
        assert await readiness(client) == (200, "ok")
