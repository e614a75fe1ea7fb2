"""The API's database: async psycopg through SQLAlchemy, ready for a cold start and for PgBouncer."""

import random
from asyncio import Task, create_task, shield, sleep, timeout
from collections.abc import AsyncIterator, Mapping, Sequence
from time import monotonic
from typing import Annotated, Any, Self

import psycopg
from fastapi import Depends
from sqlalchemy import Row, Select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import HTTPConnection

from notes_api.problems import Problem

CONNECT_SECONDS = 10
"""One attempt: a Neon compute wakes up within a few seconds while it holds the connection."""
RETRY_SECONDS = 2.0
"""How long refused attempts are repeated before the request is answered 503."""
POOL_SIZE = 10
"""Connections of one process for reading, and as many for writing."""
POOL_SECONDS = 10.0
"""How long a request waits for one of them before it is answered 503."""
PROBE_SECONDS = 1.0
PROBE_HOLDS = 0.5
"""How long the outcome of a probe is given to whoever asks."""
PREPARE_AFTER = 3
"""Executions of a statement on one connection after which it is prepared."""


async def connect(address: str) -> psycopg.AsyncConnection[Any]:
    """A new connection; a refusal (the server starts or restarts) is tried again with backoff and jitter.

    Raises:
        psycopg.OperationalError: the server could not be reached.
    """
    give_up, pause = monotonic() + RETRY_SECONDS, 0.1
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                address,
                connect_timeout=CONNECT_SECONDS,
                prepare_threshold=None,
                keepalives_idle=15,
                keepalives_interval=5,
                keepalives_count=2,
                tcp_user_timeout=10_000,
                application_name="api",
            )
        except psycopg.errors.ConnectionTimeout:
            raise
        except psycopg.OperationalError:
            if monotonic() + pause > give_up:
                raise
            await sleep(random.uniform(pause / 2, pause))  # noqa: S311
            pause *= 2
        else:
            await allow_preparing(connection)
            return connection


async def allow_preparing(connection: psycopg.AsyncConnection[Any]) -> None:
    """Lets statements be prepared where the connection is the server's own.

    A pooler makes up the process id that it announces; behind one a prepared statement may meet another server.
    """
    await connection.set_autocommit(True)
    answer = await connection.execute("SELECT pg_backend_pid()")
    if await answer.fetchone() == (connection.info.backend_pid,):
        connection.prepare_threshold = PREPARE_AFTER
    await connection.set_autocommit(False)


def pool(address: str, **options: Any) -> AsyncEngine:  # noqa: ANN401
    """An engine whose connections `connect` makes; nothing connects before the first use."""

    async def creator() -> psycopg.AsyncConnection[Any]:
        return await connect(address)

    options = {"pool_size": POOL_SIZE, "pool_timeout": POOL_SECONDS, **options}
    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=creator,
        max_overflow=0,
        pool_recycle=300,
        hide_parameters=True,
        **options,
    )


class Database:
    """The connection pools of one process: one to read without transactions, one to write, a connection to probe."""

    def __init__(self, address: str) -> None:
        self.reader = pool(
            address, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, pool_reset_on_return=None
        )
        self.writer = pool(address, pool_pre_ping=True)
        self.prober = pool(
            address, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, pool_reset_on_return=None, pool_size=1
        )
        self.probing: Task[None] | None = None
        self.probed_at = 0.0
        self.session = async_sessionmaker(self.writer, class_=AsyncSession, expire_on_commit=False)

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at a `postgresql://` address, in any form that libpq takes."""
        return cls(address)

    async def fetch(self, query: Select[Any], values: Mapping[str, object]) -> Sequence[Row[Any]]:
        """A read in one round trip, tried once more where its connection had died in the pool.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, psycopg.Error: the database does not answer.
        """
        try:
            return await self.fetch_once(query, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self.fetch_once(query, values)

    async def fetch_once(self, query: Select[Any], values: Mapping[str, object]) -> Sequence[Row[Any]]:
        async with self.reader.connect() as connection:
            rows: Sequence[Row[Any]] = (await connection.execute(query, values)).all()
            return rows

    async def probe(self) -> None:
        """One round trip, on a connection that no request waits for; its outcome holds for all who ask within a while.

        Raises:
            TimeoutError, sqlalchemy.exc.SQLAlchemyError, psycopg.Error: the database does not answer.
        """
        if self.probing is None or (self.probing.done() and monotonic() - self.probed_at > PROBE_HOLDS):
            self.probed_at = monotonic()
            self.probing = create_task(self.probe_once(), name="database probe")
            self.probing.add_done_callback(lambda probing: probing.cancelled() or probing.exception())
        await shield(self.probing)

    async def probe_once(self) -> None:
        async with timeout(PROBE_SECONDS):
            try:
                await self.ping()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                await self.ping()

    async def ping(self) -> None:
        async with self.prober.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        if self.probing is not None:
            self.probing.cancel()
        for engine in (self.reader, self.writer, self.prober):
            await engine.dispose()


async def commit(session: AsyncSession) -> None:
    """Commits. What fails before the COMMIT is sent is an outage; after that nobody knows.

    Raises:
        Problem: `outcome_unknown`, the connection was lost while the database committed.
    """
    await session.flush()
    try:
        await session.commit()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise Problem("outcome_unknown") from error


async def open_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with database_of(connection).session() as session:
        yield session


async def database_of_request(connection: HTTPConnection) -> "Database":
    return database_of(connection)


def database_of(connection: HTTPConnection) -> Database:
    database: Database = connection.state.database
    return database


ReadDatabase = Annotated[Database, Depends(database_of_request)]
DatabaseSession = Annotated[AsyncSession, Depends(open_session)]
