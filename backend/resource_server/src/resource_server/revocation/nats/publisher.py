"""Publishes the revocations in a database on NATS. One of several processes publishes; the others stand by."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from resource_server.revocation.nats.access import Connection, NatsAccess
from resource_server.revocation.nats.elected import ElectedTransport
from resource_server.revocation.nats.stream import PublishedStream
from resource_server.revocation.nats.term import Term
from resource_server.revocation.nats.wire import Subjects
from resource_server.revocation.page import FeedError
from resource_server.revocation.postgres import PostgresTransport
from resource_server.timing import boot_time

logger = logging.getLogger(__name__)

QUERY_TIMEOUT: Final = 5.0


class RevocationPublisher:
    """Follows the feed in ``schema`` at ``dsn`` and publishes it in the stream ``stream``, until ``run`` is cancelled.

    ``dsn``: a direct address; its role needs what a resource server's does. ``replicas``: of the stream, when it is
    made. ``idle``: a publisher that does not query the database for so many seconds is replaced. ``backoff``: the
    longest pause after a failure. ``pages``: a new snapshot is made after at least so many. Times are in seconds.
    """

    def __init__(
        self,
        dsn: str,
        access: NatsAccess,
        *,
        schema: str = "auth",
        stream: str = "revocations",
        replicas: int = 1,
        idle: float = 15.0,
        backoff: float = 5.0,
        timeout: float = 5.0,
        pages: int = 2_000,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        self._dsn = dsn
        self._access = access
        self._schema = schema
        self._subjects = Subjects(stream)
        self._replicas = replicas
        self._idle = idle
        self._backoff = backoff
        self._timeout = timeout
        self._pages = pages
        self._clock = clock
        self.term: int | None = None
        """The number of the term in which it publishes; None while it stands by."""

    async def run(self) -> None:
        """Publish, or stand by. Failures are logged, and it starts again."""
        failures = 0
        while True:
            try:
                await self._serve()
            except FeedError as error:
                failures = self._failed(failures, error.code, error.__cause__)
            except Exception as error:
                failures = self._failed(failures, "failed", error)
            finally:
                self.term = None
            pause = min(self._backoff, 0.05 * 2.0 ** min(failures, 16))
            await asyncio.sleep(random.SystemRandom().uniform(0.5, 1) * pause)

    def _failed(self, failures: int, code: str, cause: BaseException | None) -> int:
        name = type(cause).__name__
        logger.warning("publishing revocations failed: %s (%s)", code, name, extra={"code": code, "cause": name})
        return 1 if self.term is not None else failures + 1

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            connection = Connection(self._access, self._timeout)
            stack.push_async_callback(connection.close)
            await connection.open("revocation publisher")
            transport = ElectedTransport(
                self._dsn,
                schema=self._schema,
                stream=self._subjects.stream,
                stand_by=connection.check,
                idle=self._idle,
                clock=self._clock,
            )
            stack.push_async_callback(transport.close)
            await transport.open()
            stream = PublishedStream(connection, self._subjects.stream, self._replicas)
            await stream.open()
            term = Term(
                connection,
                self._subjects,
                stream,
                transport,
                reader=self._reader,
                dsn=self._dsn,
                schema=self._schema,
                pages=self._pages,
                clock=self._clock,
            )
            await term.listen()
            await stream.begin(await transport.next_term(stream.term))
            self.term = stream.term
            logger.info("publishing revocations, term %d", stream.term, extra={"term": stream.term})
            await term.run()

    def _reader(self) -> PostgresTransport:
        return PostgresTransport(
            self._dsn,
            schema=self._schema,
            poll_interval=1.0,
            probe_timeout=1.0,
            query_timeout=QUERY_TIMEOUT,
            clock=self._clock,
        )
