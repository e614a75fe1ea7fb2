"""A reader and a database of different versions: the reader supports it, or says that it is not ready."""

import json
from itertools import count
from pathlib import Path

import psycopg
import pytest

from resource_server.revocation import PostgresRevocationFeed
from shared_fixtures.postgres import Addresses, install_revocation_feed, new_database
from tests.callers import caller

from .cluster import Cluster
from .conftest import PEOPLE
from .waiting import fresh, until

numbers = count()
OF_VERSION_2 = """
    SELECT cursor, reset, complete, max_token_life, expected, sids, sid_expires, subs, sub_min_vers, sub_expires,
        channels, version
    FROM auth.revocations_after(%s, 4000)
"""
"""What a reader of version 2 asks."""
OF_VERSION_3 = """
    SELECT cursor, reset, complete, max_token_life, expected, sids, sid_expires, subs, sub_min_vers, sub_expires,
        ARRAY(SELECT auth.missing_revocation_triggers()), channels, version, auth.revocation_origins(), others
    FROM auth.revocation_page(%s, 4000)
"""
"""What a reader of version 3 asks."""
VERSION = 5
"""What is installed now."""
DATABASES = Path(__file__).with_name("databases")


@pytest.fixture(params=[2, 3, 4])
def version(request: pytest.FixtureRequest) -> int:
    """An earlier one."""
    return int(request.param)


@pytest.fixture
def former(cluster: Cluster, version: int) -> Addresses:
    """A database of that version with the same users."""
    addresses = new_database(cluster.address, f"former{next(numbers)}")
    with psycopg.connect(addresses.owner) as owner:
        owner.execute((DATABASES / f"version_{version}.sql").read_bytes())
        owner.execute(PEOPLE)
    return addresses


async def test_a_database_of_an_earlier_version_is_read_before_and_after_its_migration(
    former: Addresses, version: int
) -> None:
    with psycopg.connect(former.owner, autocommit=True) as idp:
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        async with PostgresRevocationFeed(former.api, heartbeat=0.05, backoff=0.05) as feed:
            await fresh(feed)
            assert feed.is_revoked(caller("u1", "s1", 0))
            assert feed.status().schema_version == version
            install_revocation_feed(former.owner)
            idp.execute("DELETE FROM auth.session WHERE id = 's2'")
            await until(lambda: feed.is_revoked(caller("u1", "s2", 0)))
            idp.execute("SELECT auth.revoke_token('stolen')")
            await until(lambda: feed.is_revoked(caller(jti="stolen")))
            await fresh(feed)
            status = feed.status()
            assert (status.schema_version, status.missing_triggers, status.error) == (VERSION, (), None)
            assert status.reloads == 1, "the cursor of before the migration is good after it"


def test_a_migration_from_an_earlier_version_keeps_what_was_revoked(former: Addresses) -> None:
    with psycopg.connect(former.owner, autocommit=True) as idp:
        idp.execute("DELETE FROM auth.session WHERE id = 's1'; UPDATE auth.\"user\" SET role = 'admin' WHERE id = 'u2'")
        for _ in range(2):
            install_revocation_feed(former.owner)
        row = idp.execute("SELECT sids, subs, others, version FROM auth.revocation_page(NULL)").fetchone()
        assert row == (["s1"], ["u2"], [], VERSION)
        assert idp.execute("SELECT auth.missing_revocation_triggers()").fetchall() == []
        columns = "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attrelid = %s::regclass"
        migrated = idp.execute(columns, ("auth.revocation",)).fetchone()
        constraint = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'revocation_kind'"
        migrated_constraint = idp.execute(constraint).fetchone()
        idp.execute("DROP TABLE auth.revocation CASCADE")
        install_revocation_feed(former.owner)
        assert idp.execute(columns, ("auth.revocation",)).fetchone() == migrated
        assert idp.execute(constraint).fetchone() == migrated_constraint


def test_a_reader_of_version_2_works_until_an_unknown_kind_appears(
    database: Addresses, idp: psycopg.Connection
) -> None:
    with psycopg.connect(database.api, autocommit=True) as reader:
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        row = reader.execute(OF_VERSION_2, (None,)).fetchone()
        assert row is not None
        assert (row[5], row[11]) == (["s1"], VERSION)
        idp.execute("SELECT auth.revoke_client('leaked-app')")
        for cursor in (None, row[0]):
            with pytest.raises(psycopg.Error) as refusal:
                reader.execute(OF_VERSION_2, (cursor,))
            assert refusal.value.sqlstate == "RV004"


def test_a_reader_of_version_3_works(database: Addresses, idp: psycopg.Connection) -> None:
    with psycopg.connect(database.api, autocommit=True) as reader:
        idp.execute("DELETE FROM auth.session WHERE id = 's1'; SELECT auth.revoke_token('stolen')")
        row = reader.execute(OF_VERSION_3, (None,)).fetchone()
        assert row is not None
        assert (row[5], row[10], row[12]) == (["s1"], [], VERSION)
        assert [one["jti"] for one in row[14]] == ["stolen"]
        again = reader.execute(OF_VERSION_3, (row[0],)).fetchone()
        assert again is not None
        assert (again[1], again[5], again[14]) == (False, [], [])


async def test_a_kind_that_this_reader_does_not_know_makes_it_not_ready(
    database: Addresses, idp: psycopg.Connection
) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=0.05, backoff=0.05) as feed:
        await fresh(feed)
        a_later_version(idp, {"device": "d1", "expires_at": 4_000_000_000})
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.status().error == "unknown_kind")
        before = feed.staleness()
        await until(lambda: feed.staleness() > before + 0.1)
    async with PostgresRevocationFeed(database.api) as feed:
        await until(lambda: feed.status().error == "unknown_kind")
        assert feed.staleness() == float("inf")


async def test_a_malformed_row_is_a_failure(database: Addresses, idp: psycopg.Connection) -> None:
    a_later_version(idp, {"jti": 5, "expires_at": 4_000_000_000})
    async with PostgresRevocationFeed(database.api) as feed:
        await until(lambda: feed.status().error == "malformed")


def a_later_version(idp: psycopg.Connection, row: dict[str, object]) -> None:
    """Has every page list such a row."""
    idp.execute("ALTER FUNCTION auth.revocation_page(text, integer) RENAME TO revocation_page_of_this_version")
    idp.execute(
        f"""
        CREATE FUNCTION auth.revocation_page(
            after text, page integer, OUT cursor text, OUT reset boolean, OUT complete boolean,
            OUT max_token_life integer, OUT expected bigint, OUT sids text[], OUT sid_expires bigint[],
            OUT subs text[], OUT sub_min_vers bigint[], OUT sub_expires bigint[],
            OUT others json, OUT channels text[], OUT version integer
        ) LANGUAGE sql SECURITY DEFINER AS $$
            SELECT cursor, reset, complete, max_token_life, expected, sids, sid_expires, subs, sub_min_vers,
                sub_expires, '[{json.dumps(row)}]'::json, channels, 5
            FROM auth.revocation_page_of_this_version(after, page)
        $$
        """
    )
