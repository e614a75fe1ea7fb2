"""Reads in one round trip each and no transaction: SQLAlchemy builds the statement, psycopg executes it.

A statement that SQLAlchemy executes takes four times the processor time, mostly for switching greenlets.
"""

from asyncio import Semaphore, timeout
from collections.abc import Mapping
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from sqlalchemy import Select, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from notes_api.database.connection import connect

POOL_SECONDS = 10.0
"""How long a request waits for a connection before it is answered 503."""
RECYCLE_SECONDS = 300.0
"""The age at which a connection is replaced."""

DIALECT = make_url("postgresql+psycopg://").get_dialect()()

Rows = list[dict[str, Any]]


class Compiled(NamedTuple):
    """A statement as psycopg takes it, and the values that are written in it."""

    sql: bytes
    values: Mapping[str, object]


@lru_cache(maxsize=256)
def compiled(query: Select[Any]) -> Compiled:
    """Statements are cached by identity: build each one once."""
    found = query.compile(dialect=DIALECT)
    values = {name: bind.effective_value for bind, name in found.bind_names.items() if not bind.required}
    return Compiled(str(found).encode(), values)


class Pooled(NamedTuple):
    connection: psycopg.AsyncConnection[Any]
    made_at: float


class Reader:
    """The connections of one process for reading, at most `size`; nothing connects before the first use."""

    def __init__(self, address: str, size: int) -> None:
        self.address = address
        self.free = Semaphore(size)
        self.idle: list[Pooled] = []

    async def fetch(self, query: Select[Any], values: Mapping[str, object]) -> Rows:
        """The rows that a statement finds; retried once if the pooled connection was dead.

        Raises:
            sqlalchemy.exc.TimeoutError: no connection was free in time.
            psycopg.Error: the database does not answer, or the statement is wrong.
        """
        statement = compiled(query)
        values = {**statement.values, **values}
        # No wait and no timer where a connection is free.
        if self.free.locked():
            try:
                async with timeout(POOL_SECONDS):
                    await self.free.acquire()
            except TimeoutError as error:
                raise PoolTimeoutError(f"no connection was free for {POOL_SECONDS:g} s") from error
        else:
            await self.free.acquire()
        try:
            return await self.fetch_twice(statement.sql, values)
        finally:
            self.free.release()

    async def fetch_twice(self, sql: bytes, values: Mapping[str, object]) -> Rows:
        pooled = await self.take()
        try:
            return await self.fetch_once(pooled, sql, values)
        except psycopg.OperationalError:
            if not pooled.connection.closed:
                raise
        # Whatever ended this connection has probably ended the other idle ones.
        await self.close()
        return await self.fetch_once(await self.take(), sql, values)

    async def fetch_once(self, pooled: Pooled, sql: bytes, values: Mapping[str, object]) -> Rows:
        try:
            cursor = pooled.connection.cursor(row_factory=dict_row)
            await cursor.execute(sql, values)
            return await cursor.fetchall()
        finally:
            # A cancelled request may leave its statement running.
            if pooled.connection.pgconn.transaction_status == TransactionStatus.IDLE:
                self.idle.append(pooled)
            else:
                await pooled.connection.close()

    async def take(self) -> Pooled:
        """The most recently used connection, so that few stay open on the server, or a new one."""
        while self.idle:
            pooled = self.idle.pop()
            if monotonic() - pooled.made_at < RECYCLE_SECONDS:
                return pooled
            await pooled.connection.close()
        connection = await connect(self.address)
        await connection.set_autocommit(True)
        return Pooled(connection, monotonic())

    async def close(self) -> None:
        """Closes idle connections."""
        idle, self.idle = self.idle, []
        for pooled in idle:
            await pooled.connection.close()
