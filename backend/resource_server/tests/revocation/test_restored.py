"""A database that is restored elsewhere, or moved to a newer Postgres."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from resource_server.revocation import PostgresRevocationFeed
from shared_fixtures.postgres import Addresses, as_role, install_revocation_feed, new_database
from tests.callers import caller

from .cluster import Cluster
from .conftest import PEOPLE
from .waiting import fresh, until


@pytest.fixture(scope="module")
def older_cluster() -> Iterator[Cluster]:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="pg")), version=16)
    yield cluster
    cluster.close()


def restored(cluster: Cluster, dumped: Addresses, name: str) -> Addresses:
    """A dump of `dumped`, restored into a database of `cluster` by another owner."""
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute("CREATE ROLE new_owner LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER new_owner")
    superuser = urlunsplit(urlsplit(cluster.address)._replace(path=f"/{name}"))
    addresses = Addresses(superuser, as_role(superuser, "new_owner"), as_role(superuser, "api"))
    dump = subprocess.run(
        [str(cluster.programs / "pg_dump"), "--format=custom", dumped.superuser], check=True, capture_output=True
    ).stdout
    restore = [str(cluster.programs / "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
    subprocess.run([*restore, "--dbname", addresses.owner], input=dump, check=True)
    return addresses


async def test_a_dump_is_followed_in_a_newer_postgres_and_under_another_owner_without_a_migration(
    older_cluster: Cluster, cluster: Cluster
) -> None:
    former = new_database(older_cluster.address, "former")
    install_revocation_feed(former.owner)
    with psycopg.connect(former.owner) as idp:
        idp.execute(PEOPLE)
        idp.execute("DELETE FROM auth.session WHERE id = 's1'")

    addresses = restored(cluster, former, "restored")

    async with PostgresRevocationFeed(addresses.api, heartbeat=0.05, backoff=0.05) as feed:
        await fresh(feed)
        assert feed.status().missing_triggers == ()
        assert feed.is_revoked(caller("u1", "s1", 0))
        with psycopg.connect(addresses.owner) as idp:
            idp.execute("DELETE FROM auth.session WHERE id = 's2'")
        await until(lambda: feed.is_revoked(caller("u1", "s2", 0)))
        assert not feed.is_revoked(caller("u2", "s3", 0))
