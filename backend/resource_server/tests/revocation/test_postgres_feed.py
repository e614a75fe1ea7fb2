"""What is particular to the feed straight out of Postgres."""

from collections.abc import Iterator

import psycopg
import pytest

from resource_server.revocation import PostgresRevocationFeed
from shared_fixtures.pgbouncer import pgbouncer
from shared_fixtures.postgres import Addresses

from .cluster import Cluster
from .waiting import fresh, until


@pytest.fixture
def pooled(cluster: Cluster, database: Addresses) -> Iterator[str]:
    with pgbouncer(database.superuser, cluster.system_user) as address:
        yield address


async def test_listens_on_a_direct_connection(database: Addresses, idp: psycopg.Connection) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        assert feed.status().transport == "listen"
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked("u1", "s1", 0))


@pytest.mark.parametrize("payload", ["", "{", "[1]", '[{"sid": "s9"}]', '[{"sid": "s9", "expires_at": -1}]', "é"])
async def test_a_notification_that_can_not_be_read_does_no_harm(
    database: Addresses, idp: psycopg.Connection, payload: str
) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        idp.execute("SELECT pg_notify('revocation', %s)", (payload,))
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked("u1", "s1", 0))
        assert not feed.is_revoked("u9", "s9", 0)
        assert feed.status().error is None


async def test_what_a_notification_says_counts_before_the_database_is_asked(
    database: Addresses, idp: psycopg.Connection
) -> None:
    async with PostgresRevocationFeed(database.api, heartbeat=3_600) as feed:
        await fresh(feed)
        news = '[{"sid": "s8", "expires_at": 4000000000}, {"sub": "u8", "min_ver": 3, "expires_at": 4000000000}]'
        idp.execute("SELECT pg_notify('revocation', %s)", (news,))
        await until(lambda: feed.is_revoked("u9", "s8", 0) and feed.is_revoked("u8", "s9", 2))
        assert not feed.is_revoked("u8", "s9", 3)


async def test_polls_through_a_transaction_pooler_and_says_so(pooled: str, idp: psycopg.Connection) -> None:
    async with PostgresRevocationFeed(pooled, poll_interval=0.05, probe_timeout=0.3, heartbeat=3_600) as feed:
        await fresh(feed)
        assert feed.status().transport == "poll"
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")
        await until(lambda: feed.is_revoked("u1", "s1", 0))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DROP FUNCTION auth.revocations_after", "not_installed"),
        ("DROP TABLE auth.revocation CASCADE", "not_installed"),
        ("DROP SCHEMA auth CASCADE", "not_installed"),
        ("REVOKE SELECT ON auth.revocation FROM api", "forbidden"),
        ("REVOKE USAGE ON SCHEMA auth FROM api", "forbidden"),
    ],
)
async def test_says_what_is_wrong_with_the_database(
    database: Addresses, idp: psycopg.Connection, damage: str, code: str
) -> None:
    idp.execute(damage)
    async with PostgresRevocationFeed(database.api) as feed:
        await until(lambda: feed.status().error == code)


async def test_says_that_it_can_not_connect() -> None:
    async with PostgresRevocationFeed("postgresql://api@127.0.0.1:1/none") as feed:
        await until(lambda: feed.status().error == "connection_failed")
