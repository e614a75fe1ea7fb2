"""A Postgres of these tests' own, because they restart it; and the feed over each of its transports."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from resource_server.revocation import (
    HttpRevocationFeed,
    NatsAccess,
    NatsRevocationFeed,
    PostgresRevocationFeed,
    RevocationFeed,
    postgres,
)
from resource_server.revocation.nats import term
from shared_fixtures.nats import SERVER, NatsServer, nats, nats_server
from shared_fixtures.postgres import Addresses, as_role, install_revocation_feed, new_database

from .cluster import Cluster
from .feed_server import TOKEN, feed_server
from .publishing import publishing
from .waiting import MakeFeed, fresh

__all__ = ["nats", "nats_server"]

numbers = count()
PEOPLE = """
    INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES
        ('u1', 'One', 'one@example.com', true), ('u2', 'Two', 'two@example.com', true);
    INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
        SELECT s, now() + interval '45 days', s, now(), u
        FROM (VALUES ('s1', 'u1'), ('s2', 'u1'), ('s3', 'u2')) AS _ (s, u);
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, "updatedAt")
        VALUES ('a2', 'u2', 'credential', 'u2', 'first', now());
"""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="pg")))
    install_revocation_feed(new_database(cluster.address, "template").owner)
    yield cluster
    cluster.close()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Addresses]:
    """A migrated database with two users, u1 (sessions s1, s2) and u2 (session s3, a password)."""
    name = f"test{next(numbers)}"
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        # Copied as files: what is copied through the log is written again when the server restarts after a crash.
        connection.execute(f"CREATE DATABASE {name} OWNER idp TEMPLATE template STRATEGY file_copy")
    superuser = urlunsplit(urlsplit(cluster.address)._replace(path=f"/{name}"))
    addresses = Addresses(superuser, as_role(superuser, "idp"), as_role(superuser, "api"))
    with psycopg.connect(addresses.owner) as connection:
        connection.execute(PEOPLE)
    yield addresses
    with psycopg.connect(cluster.address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def idp(database: Addresses) -> Iterator[psycopg.Connection]:
    """The identity provider's connection."""
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new publisher waits less for servers that it does not know, and looks for missing triggers each time."""
    monkeypatch.setattr(term, "HEAR_FIRST", 0.1)
    monkeypatch.setattr(postgres, "CHECK_TRIGGERS_EVERY", 0.0)


@pytest.fixture(params=["postgres", "http", "nats"])
async def make_feed(request: pytest.FixtureRequest, database: Addresses) -> AsyncIterator[MakeFeed]:
    """Makes feeds over one of the transports."""
    async with AsyncExitStack() as stack:
        if request.param == "nats":
            server: NatsServer = request.getfixturevalue("nats")
            request.getfixturevalue("eager")
            await stack.enter_async_context(publishing(database.api, server))
            access = NatsAccess(server.url, *SERVER)
            yield lambda **options: NatsRevocationFeed(access, backoff=0.05, timeout=1.0, **options)
            return
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
