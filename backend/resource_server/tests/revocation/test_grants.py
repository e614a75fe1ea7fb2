"""A role of one's own follows the feed by the documented grants, and a missing one is named with what gives it."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from resource_server.revocation import PostgresRevocationFeed
from resource_server.revocation.grants import grants
from shared_fixtures.postgres import Addresses, as_role
from shared_fixtures.privileges import OF_A_READER, OF_EVERYBODY_ANYWHERE, privileges

from .waiting import fresh, until

PAGE = Path(__file__).parents[2] / "docs" / "revocation.md"
(DOCUMENTED,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
ROLE = 'notes "2"'
GIVEN = grants(ROLE)
NEEDED = [
    "USAGE ON SCHEMA auth",
    "EXECUTE ON FUNCTION auth.revocation_page",
    "EXECUTE ON FUNCTION auth.acknowledge_revocations",
    "EXECUTE ON FUNCTION auth.missing_revocation_triggers",
    "EXECUTE ON FUNCTION auth.revocation_origins",
]


@pytest.fixture
def reader(database: Addresses) -> Iterator[str]:
    """The address of a role without any grant."""
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute('CREATE ROLE "notes ""2""" LOGIN')
        yield as_role(database.superuser, "notes%20%222%22")
        superuser.execute('DROP OWNED BY "notes ""2"""; DROP ROLE "notes ""2"""')


def test_the_documented_statement_is_the_one_that_the_library_names() -> None:
    assert " ".join(DOCUMENTED.split()) == grants("notes")


async def test_a_role_without_grants_is_shown_the_statement_and_can_follow_after_it(
    reader: str, idp: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "resource_server.revocation.feed")
    async with PostgresRevocationFeed(reader, backoff=0.05) as feed:
        await until(lambda: feed.status().error == "forbidden")
        remedy = feed.status().remedy
        assert remedy is not None
        assert remedy.endswith(f"as the owner of schema auth: {GIVEN}")
        assert remedy in caplog.text
        idp.execute(GIVEN.encode())
        await fresh(feed)
        assert (feed.status().error, feed.status().remedy) == (None, None)
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await fresh(feed)
        assert feed.status().sessions == 1
    assert privileges(idp, ROLE) == OF_A_READER | OF_EVERYBODY_ANYWHERE


@pytest.mark.parametrize("missing", NEEDED)
async def test_a_missing_grant_is_named_by_the_whole_statement(
    missing: str, reader: str, idp: psycopg.Connection
) -> None:
    idp.execute(GIVEN.encode())
    idp.execute(f'REVOKE {missing} FROM "notes ""2"""'.encode())
    async with PostgresRevocationFeed(reader, backoff=0.05) as feed:
        await until(lambda: feed.status().error == "forbidden")
        assert GIVEN in str(feed.status().remedy)


async def test_a_schema_without_a_feed_is_named(reader: str) -> None:
    async with PostgresRevocationFeed(reader, schema="public", backoff=0.05) as feed:
        await until(lambda: feed.status().error == "not_installed")
        assert "run the identity provider's migration" in str(feed.status().remedy)
