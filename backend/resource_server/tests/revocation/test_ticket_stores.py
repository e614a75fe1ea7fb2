"""A ticket is used once, whichever of several processes is asked, by each of the stores."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from resource_server.postgres_tickets import TABLE, PostgresTickets
from resource_server.verification.errors import RevocationStale
from shared_fixtures.postgres import Addresses

TICKETS = 300
PROCESSES = 3
PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path
kind, where, count = sys.argv[1], sys.argv[2], int(sys.argv[3])

async def main():
    if kind == "file":
        from resource_server.tickets import FileTickets
        store = FileTickets(Path(where))
    else:
        import psycopg
        from resource_server.postgres_tickets import PostgresTickets
        connection = await psycopg.AsyncConnection.connect(where, autocommit=True)
        @asynccontextmanager
        async def connect():
            yield connection
        store = PostgresTickets(connect)
    print("ready", flush=True)
    sys.stdin.readline()
    print(*[n for n in range(count) if await store.use(f"ticket-{n}", 4_000_000_000)])

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_of_several_processes_that_use_a_ticket_one_is_the_first(
    kind: str, database: Addresses, tmp_path: Path
) -> None:
    where = str(tmp_path / "tickets")
    if kind == "postgres":
        where = database.owner
        with psycopg.connect(where) as connection:
            connection.execute(TABLE)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, kind, where, str(TICKETS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    won = [process.communicate(timeout=60)[0].split() for process in processes]
    assert sorted(int(ticket) for tickets in won for ticket in tickets) == list(range(TICKETS))


async def test_used_tickets_are_forgotten_a_minute_after_they_have_expired(database: Addresses) -> None:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute("INSERT INTO used_ticket VALUES ('old', now() - interval '61 s'), ('new', now())")
        store = PostgresTickets(lambda: _connected(database.owner))
        assert await store.use("first", 4_000_000_000)
        assert not await store.use("first", 4_000_000_000)
        assert {row[0] for row in connection.execute("SELECT id FROM used_ticket")} == {"new", "first"}


async def test_an_unreachable_database_is_an_outage_and_uses_no_ticket() -> None:
    store = PostgresTickets(lambda: _connected("postgresql://nobody@127.0.0.1:9/none"))
    with pytest.raises(RevocationStale, match="the used tickets can't be looked up: OperationalError"):
        await store.use("ticket", 4_000_000_000)


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(address) as connection:
        yield connection
