"""The API's database: async psycopg through SQLAlchemy, ready for a cold start and for PgBouncer."""

import random
from asyncio import sleep, timeout
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any, Self

import psycopg
from fastapi import Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import HTTPConnection

CONNECT_SECONDS = 10
"""One attempt: a Neon compute wakes up within a few seconds while it holds the connection."""
RETRY_SECONDS = 2.0
"""How long refused attempts are repeated before the request is answered 503."""
POOL_SECONDS = 3
PROBE_SECONDS = 1.0


async def connect(address: str) -> psycopg.AsyncConnection[Any]:
    """A new connection; a refusal (the server starts or restarts) is tried again with backoff and jitter.

    Raises:
        psycopg.OperationalError: the server could not be reached.
    """
    give_up, pause = monotonic() + RETRY_SECONDS, 0.1
    while True:
        try:
            return await psycopg.AsyncConnection.connect(
                address,
                connect_timeout=CONNECT_SECONDS,
                prepare_threshold=None,  # PgBouncer in transaction mode: a prepared statement may meet another server
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


class Database:
    """The connection pool of one process. Nothing connects before the first use."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.session = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at a `postgresql://` address, in any form that libpq takes."""

        async def creator() -> psycopg.AsyncConnection[Any]:
            return await connect(address)

        engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=creator,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=10,
            pool_timeout=POOL_SECONDS,
            pool_recycle=300,
            hide_parameters=True,
        )
        return cls(engine)

    async def probe(self) -> None:
        """One round trip.

        Raises:
            TimeoutError, sqlalchemy.exc.SQLAlchemyError, psycopg.Error: the database does not answer.
        """
        async with timeout(PROBE_SECONDS), self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


async def open_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    database: Database = connection.state.database
    async with database.session() as session:
        yield session


DatabaseSession = Annotated[AsyncSession, Depends(open_session)]
