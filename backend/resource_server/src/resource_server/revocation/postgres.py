"""The feed from Postgres: LISTEN for speed, a catch-up by transaction snapshot for completeness.

A notification names what was revoked, and counts at once. The query that follows it shows whether that is true and
complete. It comes on a channel whose name is renewed and known only to readers. However many useless notifications
come, the number of queries is bounded.
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from resource_server.addresses import has_encoded_password
from resource_server.revocation.feed import RevocationFeed
from resource_server.revocation.grants import grants
from resource_server.revocation.listener import Listener
from resource_server.revocation.page import FeedError, Page
from resource_server.revocation.rows import Columns, MalformedRevocations, UnknownKind, add_rows, no_rows, rows_in
from resource_server.timing import boot_time

logger = logging.getLogger(__name__)

PAGE: Final = 4_000
CHECK_TRIGGERS_EVERY: Final = 30.0
QUERY: Final = """
    SELECT cursor, reset, complete, max_token_life, expected, sids, sid_expires, subs, sub_min_vers, sub_expires,
        CASE WHEN %s THEN ARRAY(SELECT {schema}.missing_revocation_triggers()) END, channels, version,
        {schema}.revocation_origins(), {others}
    FROM {schema}.{page}(%s, %s)
"""
SINCE_VERSION_3: Final = {"page": sql.Identifier("revocation_page"), "others": sql.SQL("others")}
VERSION_2: Final = {"page": sql.Identifier("revocations_after"), "others": sql.SQL("'[]'::json")}
"""A database of version 2 has only sessions and versions. A later one refuses this query when it has other kinds."""
IS_SINCE_VERSION_3: Final = "SELECT to_regprocedure(%s) IS NOT NULL"
UNKNOWN_KIND: Final = "RV004"
"""The SQLSTATE of that refusal."""
CHANNELS: Final = "SELECT channels FROM {schema}.{page}(NULL, 0)"
CHANNELS_KEPT: Final = 3
"""The current channel, the next, and the one before: a transaction that notified on that one may commit only now."""
MAX_NEWS: Final = 1_000
"""Hints that are kept between two queries."""
EMPTY_ANSWERS: Final = 5
"""Useless notifications in a row after which the next query has to wait."""
PAUSE_AFTER_EMPTY_ANSWERS: Final = 0.05
TEST_AGAIN_AFTER: Final = 60.0
"""Seconds until it is tested again whether notifications arrive, when they did not: the server may have been busy. The
pause doubles each time, up to an hour: over a pooler each test takes a connection and a second for nothing."""
LONGEST_PAUSE_BETWEEN_TESTS: Final = 3_600.0
NEW_LISTENER_SECONDS: Final = 6.0
NEW_LISTENER_POLL_INTERVAL: Final = 0.2
"""Seconds. A sign-out waits at most 0.5 s for a listener that joined less than 5 s ago, so it must poll more often."""
ACKNOWLEDGE: Final = "SELECT {schema}.acknowledge_revocations(%s, %s)"
NOT_INSTALLED: Final = (
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
)
CONNECTION: Final = {
    "application_name": "revocation feed",
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class PostgresRevocationFeed(RevocationFeed):
    """Follows the feed in ``schema`` at ``dsn``, a libpq address, on one connection of its own.

    Give it a direct address: a pooler in transaction mode does not support LISTEN. Whether notifications arrive is
    tested on connecting; if not, the table is polled every ``poll_interval`` seconds, ``status`` says so, and the test
    is repeated: first after a minute, then after pauses that double up to an hour.

    ``probe_timeout``: how long a notification may take in that test. ``query_timeout``: for each query. All in seconds.
    """

    def __init__(
        self,
        dsn: str,
        *,
        schema: str = "auth",
        heartbeat: float = 5.0,
        poll_interval: float = 1.0,
        probe_timeout: float = 1.0,
        query_timeout: float = 5.0,
        backoff: float = 5.0,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        transport = PostgresTransport(
            dsn,
            schema=schema,
            poll_interval=poll_interval,
            probe_timeout=probe_timeout,
            query_timeout=query_timeout,
            clock=clock,
        )
        super().__init__(transport, heartbeat=heartbeat, backoff=backoff, clock=clock)
        self._listener = transport.listener
        self._role_and_schema = transport.role, schema

    @property
    def listener(self) -> UUID:
        """The id under which it acknowledges the revocations that are in force in this process."""
        return self._listener.id

    def remedy(self, code: str) -> str | None:
        """See RevocationFeed."""
        role, schema = self._role_and_schema
        if code == "forbidden":
            return f"the role may not read the revocations; as the owner of schema {schema}: {grants(role(), schema)}"
        if code == "not_installed":
            return f"schema {schema} has no revocation feed of this version: run the identity provider's migration"
        return super().remedy(code)


def address_arguments(dsn: str) -> dict[str, Any]:
    """The arguments of a libpq address. Raises ValueError, without the address, which may hold a password."""
    if not has_encoded_password(dsn):
        raise ValueError("the feed's dsn has a special character in its password: percent-encode it (@ is %40)")
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.Error:
        raise ValueError(
            "the feed's dsn is no Postgres address; it begins with postgresql://, without the name of a driver"
        ) from None


class PostgresTransport:
    """See PostgresRevocationFeed."""

    def __init__(
        self,
        dsn: str,
        *,
        schema: str,
        poll_interval: float,
        probe_timeout: float,
        query_timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self._connection_arguments: dict[str, Any] = {**CONNECTION, **address_arguments(dsn)}
        self._schema = sql.Identifier(schema)
        self._query = self._in_schema(QUERY, SINCE_VERSION_3)
        self._acknowledgement = self._in_schema(ACKNOWLEDGE)
        self._poll_interval = poll_interval
        self._probe_timeout = probe_timeout
        self._query_timeout = query_timeout
        self._clock = clock
        self.listener: Final = Listener()
        self._connection: psycopg.AsyncConnection | None = None
        self._name: Literal["listen", "poll"] = "poll"
        self._opened_at = clock()
        self._test_at = float("inf")
        self._test_pause = TEST_AGAIN_AFTER
        self._notified = False
        self._awaited: str | None = None
        self._hinted = False
        self._asks_after_notification = False
        self._empty_answers = 0
        self._channels: deque[str] = deque()
        self._news = no_rows()
        self._max_token_life = 0
        self._ahead: tuple[str, asyncio.Task[Page]] | None = None
        self._triggers_checked_at = float("-inf")

    def _in_schema(self, text: str, names: Mapping[str, sql.Composable] | None = None) -> sql.Composed:
        return sql.SQL(text).format(schema=self._schema, **(names or {}))

    @property
    def name(self) -> str:
        return self._name

    def role(self) -> str:
        """The role of this connection; without a connection, the role in the address."""
        if self._connection is not None and not self._connection.closed:
            return self._connection.info.user
        return str(self._connection_arguments.get("user", "the role of the address"))

    async def open(self) -> None:
        self._opened_at = self._clock()
        self._test_pause = TEST_AGAIN_AFTER
        with database_errors():
            async with asyncio.timeout(self._query_timeout):
                await self._listen()
            await self._test_notifications()
        if self._name == "poll":
            logger.warning(
                "revocation feed polls every %g s: no notification arrives over this address; use a direct one",
                self._poll_interval,
            )

    async def fetch(self, cursor: str | None, wait: float, wake: asyncio.Event) -> Page:
        connection = self._open_connection()
        with database_errors():
            if (asked := await self._asked_ahead(cursor)) is not None:
                page = asked
            elif hint := await self._wait_for_news(connection, cursor, wait, wake):
                return hint
            else:
                page = await self._ask(connection, cursor)
                self._count_empty_answers(page)
            await self._listen_to(connection, page.channels)
        if not page.complete:
            # The database works on the next page while this one is processed.
            self._ahead = page.cursor, asyncio.create_task(self._ask(connection, page.cursor))
            await asyncio.sleep(0)
        return page

    async def _asked_ahead(self, cursor: str | None) -> Page | None:
        """The page after the last one, unless another cursor is asked for, as when the set is loaded again."""
        if self._ahead is None:
            return None
        (follows, asked), self._ahead = self._ahead, None
        page = await asked
        return page if follows == cursor else None

    async def _wait_for_news(
        self, connection: psycopg.AsyncConnection, cursor: str | None, wait: float, wake: asyncio.Event
    ) -> Page | None:
        """Acknowledge the cursor, wait for something new, and return hints from notifications, or None when a query is
        due."""
        if self._hinted:
            # The query that follows a hint.
            self._hinted = False
            self._asks_after_notification = True
            if self._empty_answers >= EMPTY_ANSWERS:
                await asyncio.sleep(PAUSE_AFTER_EMPTY_ANSWERS)
                self._take_notifications(connection)
            return None
        if cursor is not None:
            await self._acknowledge(connection, cursor)
        if self._name == "poll" and self._clock() >= self._test_at:
            await self._test_notifications()
        if wait:
            pause = wait if self._name == "listen" else min(wait, self._poll_pause())
            await self._idle(connection, pause, wake)
        wake.clear()
        self._asks_after_notification, self._notified = self._notified, False
        return self._told(cursor)

    def _poll_pause(self) -> float:
        is_new = self._clock() - self._opened_at < NEW_LISTENER_SECONDS
        return min(self._poll_interval, NEW_LISTENER_POLL_INTERVAL) if is_new else self._poll_interval

    def _count_empty_answers(self, page: Page) -> None:
        if page.reset or not page.complete or page.has_rows:
            self._empty_answers = 0
        elif self._asks_after_notification:
            self._empty_answers += 1

    async def close(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            _, asked = ahead
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                await connection.close()

    def _told(self, cursor: str | None) -> Page | None:
        """The notifications since the last page, as a page that leaves the cursor unchanged."""
        news, self._news = self._news, no_rows()
        if cursor is None or not rows_in(news):
            return None
        self._hinted = True
        return Page(
            asked_at=self._clock(),
            cursor=cursor,
            reset=False,
            complete=False,
            max_token_life=self._max_token_life,
            hint=True,
            **news,
        )

    async def _acknowledge(self, connection: psycopg.AsyncConnection, cursor: str) -> None:
        async with asyncio.timeout(self._query_timeout):
            await connection.execute(self._acknowledgement, (self.listener.id, cursor))

    async def _ask(self, connection: psycopg.AsyncConnection, cursor: str | None) -> Page:
        asked_at = self._clock()
        check_triggers = asked_at - self._triggers_checked_at >= CHECK_TRIGGERS_EVERY
        async with asyncio.timeout(self._query_timeout), connection.cursor(binary=True) as question:
            await question.execute(self._query, (check_triggers, cursor, PAGE))
            row = await question.fetchone()
        if row is None:
            raise FeedError("malformed")
        columns = Columns(
            sids=row[5], sid_expires=row[6], subs=row[7], sub_min_vers=row[8], sub_expires=row[9], others=[]
        )
        add_rows(row[14], columns)
        self._max_token_life = row[3]
        if check_triggers:
            self._triggers_checked_at = asked_at
        return Page(
            asked_at=asked_at,
            cursor=row[0],
            reset=row[1],
            complete=row[2],
            max_token_life=row[3],
            expected=row[4],
            missing_triggers=None if row[10] is None else tuple(row[10]),
            channels=tuple(row[11]),
            schema_version=row[12],
            origins=tuple(row[13]),
            **columns,
        )

    async def _listen(self) -> None:
        self._connection = await self._connect()
        self._connection.add_notify_handler(self._on_notify)
        self._triggers_checked_at = float("-inf")
        self._news = no_rows()
        self._hinted = False
        self._channels.clear()
        page = sql.SQL("{}.revocation_page").format(self._schema).as_string(self._connection)
        answer = await self._connection.execute(IS_SINCE_VERSION_3, (f"{page}(text,integer)",))
        row = await answer.fetchone()
        version = SINCE_VERSION_3 if row == (True,) else VERSION_2
        self._query = self._in_schema(QUERY, version)
        answer = await self._connection.execute(self._in_schema(CHANNELS, version))
        row = await answer.fetchone()
        if row is None:
            raise FeedError("malformed")
        await self._listen_to(self._connection, row[0])

    async def _listen_to(self, connection: psycopg.AsyncConnection, channels: Iterable[str]) -> None:
        """Follow the renewal of the channels; ``channels`` begins with the one in use."""
        for number, channel in enumerate(channels):
            if channel in self._channels:
                continue
            async with asyncio.timeout(self._query_timeout):
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                self._channels.append(channel)
                if len(self._channels) > CHANNELS_KEPT:
                    former = sql.Identifier(self._channels.popleft())
                    await connection.execute(sql.SQL("UNLISTEN {}").format(former))
            if number == 0:
                # Notifications between the last query and now were missed.
                self._notified = True

    async def _connect(self) -> psycopg.AsyncConnection:
        # A pooler in transaction mode does not keep prepared statements.
        return await psycopg.AsyncConnection.connect(
            **self._connection_arguments, autocommit=True, prepare_threshold=None
        )

    def _open_connection(self) -> psycopg.AsyncConnection:
        if self._connection is None:
            raise FeedError("connection_failed")
        return self._connection

    def _on_notify(self, notify: psycopg.Notify) -> None:
        self._hear(notify.channel, notify.payload)

    def _hear(self, channel: str, payload: str) -> None:
        self._notified = True
        if channel == self._awaited:
            self._awaited = None
        # A malformed notification only causes a query.
        if channel in self._channels and payload and rows_in(self._news) < MAX_NEWS:
            with contextlib.suppress(ValueError, RecursionError):
                add_rows(json.loads(payload), self._news)

    async def _test_notifications(self) -> None:
        self._name = "listen" if await self._notifications_arrive() else "poll"
        self._test_at = self._clock() + self._test_pause
        self._test_pause = min(2 * self._test_pause, LONGEST_PAUSE_BETWEEN_TESTS)

    async def _notifications_arrive(self) -> bool:
        """Whether notifications of another connection reach this one. (A pooler would pass those of the connection
        itself, and now and then one of another channel.)"""
        connection = self._open_connection()
        self._awaited = f"revocation_probe_{uuid4().hex}"
        channel = sql.Identifier(self._awaited)
        async with asyncio.timeout(self._query_timeout):
            await connection.execute(sql.SQL("LISTEN {}").format(channel))
            # The role may have no second connection; this one polls all the same.
            with contextlib.suppress(psycopg.OperationalError):
                async with await self._connect() as other:
                    await other.execute(sql.SQL("NOTIFY {}").format(channel))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._probe_timeout):
                while self._awaited is not None:
                    self._notified = False
                    await self._idle(connection, self._probe_timeout, asyncio.Event())
        async with asyncio.timeout(self._query_timeout):
            await connection.execute(sql.SQL("UNLISTEN {}").format(channel))
        # Others may have come meanwhile.
        self._notified = True
        return self._awaited is None

    async def _idle(self, connection: psycopg.AsyncConnection, seconds: float, wake: asyncio.Event) -> None:
        """Return on a notification, on ``wake``, or after ``seconds``."""
        self._take_notifications(connection)
        if self._notified:
            return
        loop = asyncio.get_running_loop()
        descriptor = connection.fileno()
        loop.add_reader(descriptor, wake.set)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await wake.wait()
        finally:
            loop.remove_reader(descriptor)
        self._take_notifications(connection)

    def _take_notifications(self, connection: psycopg.AsyncConnection) -> None:
        """Read what has arrived; raises when the connection is lost."""
        connection.pgconn.consume_input()
        while notify := connection.pgconn.notifies():
            self._hear(notify.relname.decode(), notify.extra.decode())


@contextlib.contextmanager
def database_errors() -> Iterator[None]:
    """Turn what psycopg raises into FeedErrors."""
    try:
        yield
    except TimeoutError as error:
        raise FeedError("timeout") from error
    except psycopg.OperationalError as error:
        raise FeedError("connection_failed") from error
    except NOT_INSTALLED as error:
        raise FeedError("not_installed") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise FeedError("forbidden") from error
    except psycopg.Error as error:
        raise FeedError("unknown_kind" if error.sqlstate == UNKNOWN_KIND else "failed") from error
    except UnknownKind as error:
        raise FeedError("unknown_kind") from error
    except MalformedRevocations as error:
        raise FeedError("malformed") from error
