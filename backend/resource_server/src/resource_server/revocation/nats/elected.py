"""How a publisher reads the database: in a session that holds a lock, so that there is one publisher at a time.

Every query runs in the session that holds the lock. So its result is from before another publisher was elected.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg

from resource_server.revocation.page import FeedError
from resource_server.revocation.postgres import PostgresTransport, database_errors

STAND_BY_PAUSE: Final = 0.5
TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('revocation publisher'), hashtext(%s))"
# A publisher that hangs, or whose machine is lost, must not keep the lock.
LET_GO: Final = """
    SELECT set_config('idle_session_timeout', %s, false), set_config('tcp_keepalives_idle', '5', false),
        set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false)
"""
TERM: Final = "SELECT pg_current_xact_id()::text::bigint"


class ElectedTransport(PostgresTransport):
    """Like its base class, but ``open`` waits until no other process publishes. It acknowledges nothing.

    ``stand_by`` is called at intervals while it waits; what it raises ends the wait. ``idle``: after so many seconds
    without a query the database releases the lock.
    """

    def __init__(
        self,
        dsn: str,
        *,
        schema: str,
        stream: str,
        stand_by: Callable[[], None],
        idle: float,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(dsn, schema=schema, poll_interval=1.0, probe_timeout=1.0, query_timeout=5.0, clock=clock)
        self._stream = stream
        self._stand_by = stand_by
        self._idle_limit = idle

    async def open(self) -> None:
        await super().open()
        if self.name != "listen":
            # A pooler in transaction mode does not keep a session's lock.
            raise FeedError("pooled")
        connection = self._open_connection()
        with database_errors():
            await connection.execute(LET_GO, (f"{int(self._idle_limit * 1000)}ms",))
            while await self._value(connection, TRY_LOCK, (self._stream,)) is not True:
                self._stand_by()
                await asyncio.sleep(STAND_BY_PAUSE)

    async def next_term(self, former: int) -> int:
        """A number higher than ``former``. Transaction ids only grow, so terms never repeat."""
        with database_errors():
            number = await self._value(self._open_connection(), TERM, ())
        return max(former + 1, int(str(number)))

    async def _value(self, connection: psycopg.AsyncConnection, question: str, values: tuple[str, ...]) -> object:
        async with asyncio.timeout(self._query_timeout):
            row = await (await connection.execute(question.encode(), values)).fetchone()
        return row[0] if row else None

    async def _acknowledge(self, connection: psycopg.AsyncConnection, cursor: str) -> None:
        """Do nothing: the servers acknowledge, see ``followers``."""
