"""Each thing that can be wrong with the feed over HTTP is named, with its remedy."""

import httpx
import psycopg
import pytest

from resource_server.doctor.http_feed import examine_http_feed
from shared_fixtures.postgres import Addresses
from tests.revocation.feed_server import TOKEN, feed_server

URL = "https://idp.example/revocations"


async def examine(database: Addresses, url: str | None = URL, credential: str | None = TOKEN) -> dict[str, str]:
    transport = httpx.ASGITransport(feed_server(database.owner))
    async with httpx.AsyncClient(transport=transport) as client:
        return {finding.code: str(finding) for finding in await examine_http_feed(url, credential, client)}


async def test_a_working_feed_gives_one_ok_finding(database: Addresses) -> None:
    assert list(await examine(database)) == ["ok"]


@pytest.mark.parametrize(
    ("url", "credential", "code", "words"),
    [
        (URL, "another-credential", "feed_credential", "it is wrong, or that side has none; set REVOCATION_FEED_TOKEN"),
        (URL, None, "feed_credential", "REVOCATION_FEED_TOKEN is not set"),
        (None, TOKEN, "feed_address", "REVOCATION_FEED_URL is not set"),
        (URL + "s", TOKEN, "feed_address", "answers 404"),
    ],
)
async def test_a_wrong_setting_is_named(
    database: Addresses, url: str | None, credential: str | None, code: str, words: str
) -> None:
    found = await examine(database, url, credential)
    assert list(found) == [code]
    assert words in found[code]
    assert "another-credential" not in found[code]


async def test_what_the_identity_provider_s_database_lacks_is_named(database: Addresses) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("DROP TRIGGER revocation_session_deleted ON auth.session")
        owner.execute("UPDATE auth.revocation_installation SET version = 1")
    found = await examine(database)
    assert "session.revocation_session_deleted" in found["trigger_missing"]
    assert "has version 1" in found["feed_outdated"]
