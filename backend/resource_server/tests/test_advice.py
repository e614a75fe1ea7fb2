"""A mistake in a setting is readable in the log of an application that configures no logging."""

import logging
import subprocess
import sys

import pytest

from resource_server.server import ResourceServer
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import TokenInvalid

PROGRAM = """
import asyncio, httpx, uvicorn
from fastapi import FastAPI
from resource_server.fastapi import Auth
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer

issuer = FakeIssuer()
auth = Auth(issuer.settings)
app = FastAPI(lifespan=auth.lifespan)
auth.install(app)
app.get("/", dependencies=[auth.requires()])(lambda: None)
uvicorn.Config(app).load()

async def main():
    with issuer.impersonate(auth):
        async with running(app) as client:
            token = issuer.token(aud="https://elsewhere.test")
            answer = await client.get("/", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401 and "elsewhere" not in answer.text

asyncio.run(main())
"""


def test_plain_uvicorn_shows_which_audience_was_expected_and_which_came() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "the claim aud is 'https://elsewhere.test', and the setting audience is 'https://api.test'" in answer.stderr
    assert "eyJ" not in answer.stderr


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


async def test_each_setting_is_named_once_a_minute_whether_the_signature_was_verified_or_not(
    fake_issuer: FakeIssuer, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "resource_server.advice")
    stranger = FakeIssuer(algorithm="ES256", clock=fake_clock)
    bad = [
        fake_issuer.token(aud="other"),
        fake_issuer.token(iss="other"),
        stranger.token(),
        fake_issuer.token(aud="another"),
        stranger.token(),
    ]
    async with (
        fake_issuer.client() as client,
        ResourceServer(fake_issuer.settings, client=client, clock=fake_clock) as server,
    ):
        await fake_clock.settle()

        async def refused() -> list[str]:
            caplog.clear()
            for token in bad:
                with pytest.raises(TokenInvalid):
                    await server.authenticate(token)
            return [record.getMessage() for record in caplog.records]

        audience, issuer, algorithm = await refused()
        assert "the setting audience is 'https://api.test'" in audience
        assert "the setting issuer is 'https://idp.test'" in issuer
        assert "alg is 'ES256', and the setting algorithms allows Ed25519, EdDSA, RS256" in algorithm
        assert await refused() == []
        await fake_clock.advance(61)
        assert len(await refused()) > 0
