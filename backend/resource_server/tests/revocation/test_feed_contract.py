"""The client reads what an identity provider of this version answers, and of the version before."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from resource_server.revocation import Denylist, HttpRevocationFeed
from resource_server.revocation.http import parse_page
from tests.callers import caller

from .waiting import fresh, until

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[4] / "shared-schema/vectors/feed.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("version", sorted(CONTRACT["versions"]))
def test_an_answer_of_each_version_revokes_what_it_names(version: str) -> None:
    agreed = CONTRACT["versions"][version]
    denylist = Denylist()
    denylist.add(parse_page(json.dumps(agreed["answer"]).encode(), 0))
    for revoked, claims in [*((True, one) for one in agreed["revoked"]), *((False, one) for one in agreed["accepted"])]:
        principal = caller(
            claims.get("sub", "user-1"),
            claims.get("sid"),
            claims.get("ver"),
            **{name: value for name, value in claims.items() if name not in {"sub", "sid", "ver"}},
        )
        assert denylist.is_revoked(principal) is revoked, claims


@pytest.mark.parametrize("version", sorted(CONTRACT["versions"]))
async def test_the_client_follows_a_feed_of_each_version_and_asks_as_agreed(version: str) -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        first = "after" not in request.url.params
        said = CONTRACT["versions"][version]["answer"]
        body = said if first else said | {"reset": False, "revocations": []}
        return httpx.Response(200, json=body, headers={"ETag": '"1"'})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    async with HttpRevocationFeed("https://idp.test/revocations", "secret", client=client, backoff=0.01) as feed:
        await fresh(feed)
        assert feed.is_revoked(caller("user-1", "ended", 0))
        assert feed.status().schema_version == int(version)
        await until(lambda: any("after" in one for one in asked))
    agreed = CONTRACT["question"]
    assert all(set(one) <= set(agreed) for one in asked)
    assert any(one.get("after") == agreed["after"] for one in asked)
