"""The API's database: writes through SQLModel, reads through psycopg; handles a cold start and PgBouncer."""

from asyncio import Task, create_task, shield, timeout
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Annotated, Any, Self

import psycopg
from fastapi import Depends
from sqlalchemy import Select, literal, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import HTTPConnection

from notes_api.database.connection import connect
from notes_api.database.reader import POOL_SECONDS, Reader, Rows
from notes_api.problems import Problem

POOL_SIZE = 10
"""Connections of one process for reading, and as many for writing."""
PROBE_SECONDS = 1.0
PROBE_HOLDS = 0.5
"""How long the outcome of a probe is reused."""
PING = select(literal(1))


def pool(address: str) -> AsyncEngine:
    """An engine whose connections `connect` makes; nothing connects before the first use."""

    async def creator() -> psycopg.AsyncConnection[Any]:
        return await connect(address)

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=creator,
        pool_size=POOL_SIZE,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        max_overflow=0,
        pool_recycle=300,
        hide_parameters=True,
    )


class Database:
    """The connection pools of one process: one to read without transactions, one to write, a connection to probe."""

    def __init__(self, address: str) -> None:
        self.reader = Reader(address, POOL_SIZE)
        self.writer = pool(address)
        self.prober = Reader(address, 1)
        self.probing: Task[None] | None = None
        self.probed_at = 0.0
        self.session = async_sessionmaker(self.writer, class_=AsyncSession, expire_on_commit=False)

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at a `postgresql://` address, in any form that libpq takes."""
        return cls(address)

    async def fetch(self, query: Select[Any], values: Mapping[str, object]) -> Rows:
        """A read in one round trip.

        Raises:
            sqlalchemy.exc.TimeoutError, psycopg.Error: the database does not answer.
        """
        return await self.reader.fetch(query, values)

    async def probe(self) -> None:
        """One round trip, on a connection of its own; the outcome is reused for a short time.

        Raises:
            TimeoutError, psycopg.Error: the database does not answer.
        """
        if self.probing is None or (self.probing.done() and monotonic() - self.probed_at > PROBE_HOLDS):
            self.probed_at = monotonic()
            self.probing = create_task(self.probe_once(), name="database probe")
            self.probing.add_done_callback(lambda probing: probing.cancelled() or probing.exception())
        await shield(self.probing)

    async def probe_once(self) -> None:
        async with timeout(PROBE_SECONDS):
            await self.ping()

    async def ping(self) -> None:
        await self.prober.fetch(PING, {})

    async def close(self) -> None:
        if self.probing is not None:
            self.probing.cancel()
        await self.reader.close()
        await self.prober.close()
        await self.writer.dispose()


async def commit(session: AsyncSession) -> None:
    """Commits. A failure before the COMMIT is sent is an outage; after that the outcome is unknown.

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
