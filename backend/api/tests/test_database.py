"""The pool survives a cold start and an outage; the API's role reaches its own tables and no secret."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command

from notes_api import database as module
from notes_api.database import Database, connect
from shared_fixtures.postgres import API, Addresses, configuration, new_database

REFUSED = psycopg.OperationalError("connection refused")


class Server:
    """Stands in for psycopg's connect: refuses some times, then passes on."""

    def __init__(self, refusals: list[Exception]) -> None:
        self.refusals = refusals
        self.connect = psycopg.AsyncConnection.connect
        self.attempts = 0

    async def __call__(self, address: str, **options: Any) -> psycopg.AsyncConnection[Any]:  # noqa: ANN401
        self.attempts += 1
        if self.refusals:
            raise self.refusals.pop(0)
        return await self.connect(address, **options)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that passes only by pauses, which take none."""
    taken: list[float] = []

    async def pause(seconds: float) -> None:
        taken.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(module, "sleep", pause)
    monkeypatch.setattr(module, "monotonic", lambda: sum(taken))
    return taken


async def test_cold_start_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], postgres: Addresses
) -> None:
    server = Server([REFUSED, REFUSED, REFUSED])
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    connection = await connect(postgres.api)
    await connection.close()
    assert server.attempts == 4
    assert sorted(pauses) == pauses


async def test_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    server = Server([REFUSED] * 100)
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    with pytest.raises(psycopg.OperationalError):
        await connect("postgresql://nowhere")
    assert sum(pauses) <= module.RETRY_SECONDS


async def test_server_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    server = Server([psycopg.errors.ConnectionTimeout("no answer")])
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    with pytest.raises(psycopg.OperationalError):
        await connect("postgresql://nowhere")
    assert (server.attempts, pauses) == (1, [])


async def test_connection_that_died_in_the_pool_is_replaced(postgres: Addresses) -> None:
    database = Database.at(postgres.api)
    await database.probe()
    async with await psycopg.AsyncConnection.connect(postgres.superuser, autocommit=True) as superuser:
        await superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api'")
    await database.probe()
    await database.close()


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that accepts and says nothing."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder, ".s.PGSQL.5432")))
        listener.listen()
        yield f"postgresql://api@/app?host={folder}"


async def test_probe_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch, silent_server: str) -> None:
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.05)
    database = Database.at(silent_server)
    with pytest.raises(TimeoutError):
        await database.probe()
    await database.close()


@pytest.mark.parametrize("table", ["account", "session", "jwks", "user", "verification"])
def test_api_role_reads_nothing_of_the_identity_provider(postgres: Addresses, table: str) -> None:
    with psycopg.connect(postgres.api) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f'SELECT * FROM auth."{table}"')


def test_api_role_reads_revocations_and_cannot_write_them(postgres: Addresses) -> None:
    with psycopg.connect(postgres.api) as connection:
        connection.execute("SELECT * FROM auth.revocation")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM auth.revocation")


def test_api_role_uses_its_tables_and_cannot_change_their_shape(postgres: Addresses) -> None:
    with psycopg.connect(postgres.api) as connection:
        connection.execute("SELECT * FROM app.note")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE app.note ADD COLUMN more text")


async def test_migrations_may_run_at_the_same_time_and_again(postgres_server: str) -> None:
    owner = new_database(postgres_server, "migrated_twice").owner

    async def upgrade() -> int:
        alembic = Path(sys.executable).with_name("alembic")
        environment = {**os.environ, "DATABASE_URL_OWNER": owner}
        return await (await asyncio.create_subprocess_exec(alembic, "upgrade", "head", cwd=API, env=environment)).wait()

    assert list(await asyncio.gather(upgrade(), upgrade())) == [0, 0]
    assert await upgrade() == 0


def test_migrations_match_the_models(postgres: Addresses) -> None:
    command.check(configuration(postgres.owner))
