"""An application whose feed leads to another database than its keys says so in its log."""

import logging

import httpx
import pytest
from fastapi import FastAPI

from resource_server import wiring
from resource_server.fastapi import Auth
from resource_server.revocation import HttpRevocationFeed
from resource_server.testing.issuer import FakeIssuer
from tests.revocation.waiting import fresh, until

HERE, THERE = "a" * 32, "b" * 32
PAGE = {
    "cursor": "abc/10:20:",
    "reset": True,
    "complete": True,
    "max_token_life": 2595600,
    "expected": 0,
    "missing_triggers": [],
    "revocations": [],
}


@pytest.mark.parametrize(("of_feed", "lines"), [(HERE, 0), (THERE, 1)], ids=["one database", "two databases"])
async def test_it_is_said_once_after_the_start_that_revocations_are_of_another_database(
    fake_issuer: FakeIssuer, of_feed: str, lines: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "SECONDS_BETWEEN_LOOKS", 0.001)
    fake_issuer.headers = {"Revocation-Origin": HERE}

    def answer(request: httpx.Request) -> httpx.Response:
        page = PAGE | {"reset": "after" not in request.url.params}
        return httpx.Response(200, json=page, headers={"Revocation-Origin": of_feed})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    feed = HttpRevocationFeed("https://idp.test/revocations", "secret", client=client)
    auth = Auth.better_auth("https://idp.test", audience="https://api.test", revocations=feed)
    auth.client = fake_issuer.client()
    with caplog.at_level(logging.ERROR, "resource_server.wiring"):
        async with auth.lifespan(FastAPI()) as state:
            server = state[auth.state_key]
            await fresh(feed)
            await until(lambda: server.same_origin(feed.status().origins, 0) is not None)
            await until(lambda: len(caplog.messages) == lines)
    said = "the revocations come from another database than the keys of https://idp.test"
    assert [message.startswith(said) for message in caplog.messages] == [True] * lines
