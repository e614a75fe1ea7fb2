"""Processes that are forked after a feed was made, as by gunicorn with preload_app, acknowledge under different ids."""

import asyncio
import sys

import psycopg
import pytest

from shared_fixtures.nats import SERVER, NatsServer
from shared_fixtures.postgres import Addresses

from .publishing import publishing

IN_TWO_WORKERS = """
import asyncio, os, httpx
from resource_server.revocation import HttpRevocationFeed, NatsAccess, NatsRevocationFeed, PostgresRevocationFeed
from resource_server.revocation.nats import reader

told = []

async def work(feed):
    async with feed:
        for _ in range(3):
            await feed.refresh()
    assert len(set(told)) == 1, told
    print(told[0], flush=True)

def in_two_workers(feed):
    for _ in range(2):
        if os.fork() == 0:
            asyncio.run(work(feed))
            os._exit(0)
        assert os.wait()[1] == 0
"""
HTTP = """
PAGE = {"cursor": "c", "reset": True, "complete": True, "max_token_life": 3600, "revocations": []}

def answer(request):
    told.append(request.url.params["listener"])
    return httpx.Response(200, json=PAGE)

client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
in_two_workers(HttpRevocationFeed("https://idp.example/feed", "secret", client=client))
"""
POSTGRES = """
feed = PostgresRevocationFeed({address!r})
before = feed.listener

async def work(feed):
    async with feed:
        for _ in range(3):
            await feed.refresh()
    assert feed.listener != before
    print(feed.listener, flush=True)

in_two_workers(feed)
"""
NATS = """
class Question(reader.Question):
    def write(self):
        told.append(self.listener)
        return super().write()

reader.Question = Question
in_two_workers(NatsRevocationFeed(NatsAccess({url!r}, *{user!r}), timeout=1.0))
"""


async def ids(script: str) -> set[str]:
    """What the workers of a program print."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IN_TWO_WORKERS + script, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        output, _ = await program.communicate()
    assert program.returncode == 0
    return set(output.decode().split())


async def test_over_http() -> None:
    assert len(await ids(HTTP)) == 2


async def test_with_postgres(database: Addresses, idp: psycopg.Connection) -> None:
    told = await ids(POSTGRES.format(address=database.api))
    assert len(told) == 2
    assert {str(row[0]) for row in idp.execute("SELECT id FROM auth.revocation_listener")} == told


@pytest.mark.usefixtures("eager")
async def test_over_nats(database: Addresses, nats: NatsServer) -> None:
    async with publishing(database.api, nats):
        assert len(await ids(NATS.format(url=nats.url, user=SERVER))) == 2
