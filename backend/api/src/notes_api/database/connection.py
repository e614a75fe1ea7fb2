"""Connections of the API: retried during a cold start, without prepared statements behind a pooler."""

import random
from asyncio import sleep
from time import monotonic
from typing import Any

import psycopg

from notes_api.tracing import trace_queries

CONNECT_SECONDS = 10
"""One attempt: a Neon compute wakes up within a few seconds while it holds the connection."""
RETRY_SECONDS = 2.0
"""How long refused attempts are repeated before the request is answered 503."""
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
            try:
                await allow_preparing(connection)
            except BaseException:
                await connection.close()
                raise
            trace_queries(connection)
            return connection


async def allow_preparing(connection: psycopg.AsyncConnection[Any]) -> None:
    """Allows prepared statements where the connection is direct. A pooler announces a process id of its own; behind
    one, a prepared statement may reach another server process.
    """
    await connection.set_autocommit(True)
    answer = await connection.execute("SELECT pg_backend_pid()")
    if await answer.fetchone() == (connection.info.backend_pid,):
        connection.prepare_threshold = PREPARE_AFTER
    await connection.set_autocommit(False)
