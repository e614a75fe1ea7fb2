"""The pool survives a cold start and an outage; the API's role reaches its own tables and no secret."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import sqlmodel
from alembic import command
from sqlalchemy import Select, func, literal, literal_column, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from notes_api import database as module
from notes_api.database import Database, commit, connection, reader
from notes_api.database.connection import connect
from notes_api.notes.models import Note
from notes_api.notes.service import FIRST_PAGE
from notes_api.problems import Problem
from shared_fixtures.pgbouncer import pgbouncer
from shared_fixtures.postgres import ROOT, Addresses, new_database
from tests.fixtures.database import configuration

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

    monkeypatch.setattr(connection, "sleep", pause)
    monkeypatch.setattr(connection, "monotonic", lambda: sum(taken))
    return taken


async def test_a_cold_start_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], postgres: Addresses
) -> None:
    server = Server([REFUSED, REFUSED, REFUSED])
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    await (await connect(postgres.api)).close()
    assert server.attempts == 4
    assert sorted(pauses) == pauses


async def test_a_server_that_stays_down_is_not_retried_forever(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    server = Server([REFUSED] * 100)
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    with pytest.raises(psycopg.OperationalError):
        await connect("postgresql://nowhere")
    assert sum(pauses) <= connection.RETRY_SECONDS


async def test_server_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    server = Server([psycopg.errors.ConnectionTimeout("no answer")])
    monkeypatch.setattr(psycopg.AsyncConnection, "connect", server)
    with pytest.raises(psycopg.OperationalError):
        await connect("postgresql://nowhere")
    assert (server.attempts, pauses) == (1, [])


@pytest.fixture
async def pools(postgres: Addresses) -> AsyncIterator[Database]:
    database = Database.at(postgres.api)
    yield database
    await database.close()


async def cut(postgres: Addresses) -> None:
    """Ends every connection of the API from the server's side."""
    async with await psycopg.AsyncConnection.connect(postgres.superuser, autocommit=True) as superuser:
        await superuser.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'api'")


async def test_connection_that_died_in_the_pool_is_replaced(
    monkeypatch: pytest.MonkeyPatch, postgres: Addresses, pools: Database
) -> None:
    monkeypatch.setattr(module, "PROBE_HOLDS", -1)
    await pools.probe()
    await cut(postgres)
    await pools.probe()


async def test_reads_on_dead_connections_are_tried_once_more(postgres: Addresses, pools: Database) -> None:
    query = select(literal(1).label("one"))
    for _ in range(3):
        answers = await asyncio.gather(*(pools.fetch(query, {}) for _ in range(module.POOL_SIZE * 3)))
        assert answers == [[{"one": 1}]] * len(answers)
        await cut(postgres)
    assert await pools.fetch(query, {}) == [{"one": 1}]


async def test_an_interrupted_read_is_retried_once(pools: Database) -> None:
    suicide = select(func.pg_terminate_backend(func.pg_backend_pid()))
    with pytest.raises(psycopg.OperationalError):
        await pools.fetch(suicide, {})


async def test_a_wrong_statement_is_not_repeated(monkeypatch: pytest.MonkeyPatch, pools: Database) -> None:
    asked = 0
    fetch_once = pools.reader.fetch_once

    async def counted(pooled: reader.Pooled, sql: bytes, values: Mapping[str, object]) -> reader.Rows:
        nonlocal asked
        asked += 1
        return await fetch_once(pooled, sql, values)

    monkeypatch.setattr(pools.reader, "fetch_once", counted)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await pools.fetch(select(literal_column("1 / 0")), {})
    assert asked == 1


async def test_a_wrong_statement_does_not_cost_its_connection(pools: Database) -> None:
    query: Select[Any] = select(literal_column("pg_backend_pid()").label("pid"))
    before = await pools.fetch(query, {})
    with pytest.raises(psycopg.errors.DivisionByZero):
        await pools.fetch(select(literal_column("1 / 0")), {})
    assert await pools.fetch(query, {}) == before


async def test_a_read_whose_request_is_gone_leaves_its_connection_to_others(pools: Database) -> None:
    pools.reader.free = asyncio.Semaphore(1)
    gone = asyncio.create_task(pools.fetch(select(func.pg_sleep(60)), {}))
    waiting = asyncio.create_task(pools.fetch(select(literal(1).label("one")), {}))
    await asyncio.sleep(0.1)
    gone.cancel()
    async with asyncio.timeout(10):
        assert await waiting == [{"one": 1}]


async def test_a_read_that_gets_no_connection_in_time_is_an_outage(
    monkeypatch: pytest.MonkeyPatch, pools: Database
) -> None:
    monkeypatch.setattr(reader, "POOL_SECONDS", 0.05)
    pools.reader.free = asyncio.Semaphore(1)
    busy = asyncio.create_task(pools.fetch(select(func.pg_sleep(0.5)), {}))
    await asyncio.sleep(0)
    with pytest.raises(PoolTimeoutError):
        await pools.fetch(select(literal(1)), {})
    await busy


async def test_a_connection_is_replaced_when_it_is_old(monkeypatch: pytest.MonkeyPatch, pools: Database) -> None:
    query: Select[Any] = select(literal_column("pg_backend_pid()").label("pid"))
    first = await pools.fetch(query, {})
    assert await pools.fetch(query, {}) == first
    monkeypatch.setattr(reader, "RECYCLE_SECONDS", 0.0)
    assert await pools.fetch(query, {}) != first


async def test_a_value_that_a_statement_needs_is_never_taken_for_null(pools: Database) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        await pools.fetch(FIRST_PAGE, {"limit": 1})


async def test_a_read_opens_no_transaction(pools: Database) -> None:
    opened: Select[Any] = select(literal_column("xact_start = query_start").label("alone"))
    own = opened.select_from(text("pg_stat_activity")).where(text("pid = pg_backend_pid()"))
    for _ in range(2):
        assert await pools.fetch(own, {}) == [{"alone": True}]


async def prepared(database: Database) -> int:
    for _ in range(connection.PREPARE_AFTER + 2):
        await database.fetch(FIRST_PAGE, {"owner": "nobody", "limit": 1})
    counted: Select[Any] = select(func.count().label("count")).select_from(text("pg_prepared_statements"))
    return int((await database.fetch(counted, {}))[0]["count"])


async def test_statements_are_prepared_on_a_connection_of_the_servers_own(pools: Database) -> None:
    assert await prepared(pools) > 0


def owner_of_server(postgres: Addresses) -> str:
    return Path(parse_qs(urlsplit(postgres.superuser).query)["host"][0]).owner()


async def test_statements_are_not_prepared_behind_a_pooler(postgres: Addresses) -> None:
    with pgbouncer(postgres.superuser, None if os.geteuid() else owner_of_server(postgres)) as address:
        database = Database.at(address)
        assert await prepared(database) == 0
        await database.close()


async def test_more_requests_than_connections_wait_their_turn(pools: Database) -> None:
    answers = await asyncio.gather(*(pools.fetch(FIRST_PAGE, {"owner": "nobody", "limit": 1}) for _ in range(500)))
    assert len(answers) == 500


async def test_a_write_on_dead_connections_is_carried_out(postgres: Addresses, pools: Database) -> None:
    for _ in range(2):
        async with pools.session() as session:
            await session.exec(sqlmodel.select(Note.id).limit(1))
            await commit(session)
        await cut(postgres)


async def test_a_connection_lost_in_a_commit_leaves_the_outcome_unknown(postgres: Addresses, pools: Database) -> None:
    async with pools.session() as session:
        await session.exec(sqlmodel.select(Note.id).limit(1))
        await cut(postgres)
        with pytest.raises(Problem) as problem:
            await commit(session)
        await session.close()
    assert (problem.value.code, problem.value.status_code) == ("outcome_unknown", 504)


async def test_a_connection_lost_before_the_commit_is_an_outage(postgres: Addresses, pools: Database) -> None:
    async with pools.session() as session:
        await session.exec(sqlmodel.select(Note.id).limit(1))
        await cut(postgres)
        now = datetime.now(UTC)
        session.add(Note(owner_id="nobody", title="a", body="", created_at=now, updated_at=now))
        with pytest.raises(DBAPIError):
            await commit(session)


async def test_concurrent_readiness_checks_cost_one_round_trip(
    monkeypatch: pytest.MonkeyPatch, pools: Database
) -> None:
    asked = 0
    ping = pools.ping

    async def counted() -> None:
        nonlocal asked
        asked += 1
        await ping()

    monkeypatch.setattr(pools, "ping", counted)
    await asyncio.gather(*(pools.probe() for _ in range(100)))
    assert asked == 1


async def test_readiness_does_not_wait_for_the_requests_of_others(pools: Database) -> None:
    sleeping = select(func.pg_sleep(0.5))
    busy = [asyncio.create_task(pools.fetch(sleeping, {})) for _ in range(module.POOL_SIZE * 2)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(0.3):
        await pools.probe()
    await asyncio.gather(*busy)


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
        return await (
            await asyncio.create_subprocess_exec(
                alembic, "upgrade", "head", cwd=ROOT / "backend" / "api", env=environment
            )
        ).wait()

    assert list(await asyncio.gather(upgrade(), upgrade())) == [0, 0]
    assert await upgrade() == 0


def test_migrations_match_the_models(postgres: Addresses) -> None:
    command.check(configuration(postgres.owner))
