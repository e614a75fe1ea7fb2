"""Used tickets in Postgres, for workers on several machines. Needs the extra ``postgres``."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import psycopg

from resource_server.verification.errors import RevocationStale

TABLE: Final = "CREATE TABLE IF NOT EXISTS used_ticket (id text PRIMARY KEY, expires_at timestamptz NOT NULL)"
"""What the store needs, beside INSERT, SELECT and DELETE on it."""
_USE: Final = """
    WITH forgotten AS (DELETE FROM used_ticket WHERE expires_at < now() - interval '1 minute')
    INSERT INTO used_ticket (id, expires_at) VALUES (%s, to_timestamp(%s)) ON CONFLICT (id) DO NOTHING RETURNING id
"""

Connect = Callable[[], AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]]


class PostgresTickets:
    """A TicketStore: one row for each ticket that was used, in the table ``used_ticket`` that ``TABLE`` makes.

    ``connect`` opens a connection, or takes one of a pool (``pool.connection``), and commits when it is left.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def use(self, ticket_id: str, expires_at: int) -> bool:
        """See TicketStore. Raises RevocationStale when the database can't be asked."""
        try:
            async with self._connect() as connection:
                answer = await connection.execute(_USE, (ticket_id, expires_at))
                return await answer.fetchone() is not None
        except (psycopg.OperationalError, TimeoutError) as error:
            reason = f"the used tickets can't be looked up: {type(error).__name__}"
            raise RevocationStale(reason) from error
