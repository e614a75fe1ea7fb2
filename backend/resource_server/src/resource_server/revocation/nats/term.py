"""A publisher's work while it holds the lock: publishing, answering, and acknowledging on behalf of the servers."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
from nats.aio.msg import Msg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from resource_server.revocation.nats.access import Connection, nats_errors
from resource_server.revocation.nats.elected import ElectedTransport
from resource_server.revocation.nats.followers import MOST, Followers
from resource_server.revocation.nats.stream import PublishedStream
from resource_server.revocation.nats.wire import Question, Snapshot, Subjects, read_question, write
from resource_server.revocation.page import FeedError, Page
from resource_server.revocation.postgres import ACKNOWLEDGE, CONNECTION, PostgresTransport, database_errors

HEARTBEAT: Final = 2.5
"""Seconds between two queries of the database, and between two acknowledgements, while nothing happens."""
PAUSE_BETWEEN_ANSWERS: Final = 0.02
"""Questions that arrive during this time are answered together, after one query of the database."""
HEAR_FIRST: Final = 1.0
"""Seconds for which a new publisher acknowledges nothing new, since it does not know the servers yet. They ask when a
term begins."""
CHECK_EVERY: Final = 5.0
ROWS_PER_PAGE_OF_A_SNAPSHOT: Final = 50
"""With a big snapshot more pages may follow before the next one is made: one for so many rows."""
LISTENERS: Final = UUID("5d8e1c34-6a3c-4f0e-9c1b-7f0d4b3a2e61")


class Term:
    """See RevocationPublisher. ``reader`` makes another connection to the database, for snapshots."""

    def __init__(
        self,
        connection: Connection,
        subjects: Subjects,
        stream: PublishedStream,
        transport: ElectedTransport,
        *,
        reader: Callable[[], PostgresTransport],
        dsn: str,
        schema: str,
        pages: int,
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._subjects = subjects
        self._stream = stream
        self._transport = transport
        self._reader = reader
        self._dsn = dsn
        self._acknowledgement = sql.SQL(ACKNOWLEDGE).format(schema=sql.Identifier(schema))
        self._pages = pages
        self._clock = clock
        self._began_at = clock()
        self._followers = Followers()
        self._questions: dict[str, tuple[float, str, Question]] = {}
        self._waking: asyncio.TimerHandle | None = None
        self._found = stream.cursor if stream.snapshot else None
        self._known = asyncio.Event()
        self._answered_at = float("-inf")
        self._wake = asyncio.Event()
        self._latest: Page | None = None
        self._missing_triggers: tuple[str, ...] | None = None
        self._compact = asyncio.Event()

    async def listen(self) -> None:
        """Subscribe to questions. Called before the term begins, because each server asks when it does."""
        with nats_errors(self._connection):
            await self._connection.call(self._connection.client.subscribe(self._subjects.questions, cb=self._hear))

    async def run(self) -> None:
        """Run until something fails with a FeedError."""
        self._began_at = self._clock()
        tasks = [
            asyncio.create_task(part())
            for part in (self._follow, self._acknowledge, self._make_snapshots, self._check, self._lost)
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()

    async def _follow(self) -> None:
        cursor = self._stream.cursor if self._stream.snapshot else None
        run_asked_at: float | None = None
        while True:
            page = await self._transport.fetch(cursor, HEARTBEAT, self._wake)
            if page.hint:
                continue
            run_asked_at = page.asked_at if run_asked_at is None else run_asked_at
            if page.missing_triggers is not None:
                self._missing_triggers = page.missing_triggers
            if page.reset:
                position = self._stream.position
                page = await self._write_snapshot(self._transport, page, position, reset=True)
            elif page.has_rows:
                await self._stream.add(page)
            cursor = page.cursor
            if page.complete:
                self._latest = page
                self._followers.reach(self._stream.position, cursor)
                await self._answer(run_asked_at)
                run_asked_at = None
                snapshot = self._stream.snapshot
                if snapshot and self._stream.pages > max(self._pages, snapshot.rows // ROWS_PER_PAGE_OF_A_SNAPSHOT):
                    self._compact.set()

    async def _write_snapshot(self, source: PostgresTransport, page: Page, position: int, *, reset: bool) -> Page:
        """Write the full set, of which ``page`` is the first page; return its last page."""
        rows = 0
        first, last = await self._stream.add_to_snapshot(page)
        while True:
            rows += len(page.sids) + len(page.subs) + len(page.others)
            if page.complete:
                break
            page = await source.fetch(page.cursor, 0, asyncio.Event())
            if page.reset:
                first, last = await self._stream.add_to_snapshot(page)
                rows = 0
                continue
            _, last = await self._stream.add_to_snapshot(page)
        snapshot = Snapshot(first, last, position, rows)
        await self._stream.announce(snapshot, page.cursor if reset else None, reset=reset)
        return page

    async def _make_snapshots(self) -> None:
        """Make snapshots in a task of its own, so that no revocation waits for them."""
        while True:
            await self._compact.wait()
            source = self._reader()
            try:
                await source.open()
                position = self._stream.position
                page = await source.fetch(None, 0, asyncio.Event())
                await self._write_snapshot(source, page, position, reset=False)
            finally:
                await source.close()
            self._compact.clear()

    async def _answer(self, asked_at: float) -> None:
        """Answer the questions that came before the database was queried."""
        if self._latest is None or self._stream.snapshot is None:
            return
        due = {name: item for name, item in self._questions.items() if item[0] <= asked_at}
        for name in due:
            del self._questions[name]
        # After the answer a sign-out waits for the server, so the database must know this listener.
        await self._known.wait()
        self._answered_at = self._clock() if due else self._answered_at
        self._wake_for_questions()
        known: dict[str, Any] = {
            "stream": self._stream.identity,
            "term": self._stream.term,
            "position": self._stream.position,
            "snapshot": asdict(self._stream.snapshot),
            "max_token_life": self._latest.max_token_life,
            "schema_version": self._latest.schema_version,
            "missing_triggers": self._missing_triggers,
            "origins": self._latest.origins,
            "pause": self._followers.pause,
        }
        text = write(known)[:-1]
        with nats_errors(self._connection):
            for _, inbox, question in due.values():
                answer = text + f', "nonce": {json.dumps(question.nonce)}}}'.encode()
                await self._connection.client.publish(inbox, answer)

    async def _hear(self, message: Msg) -> None:
        question = read_question(message.data)
        if question is None:
            return
        now = self._clock()
        if question.position is not None and question.stream == self._stream.identity:
            self._followers.hear(question.listener, question.position, now)
        if message.reply and question.nonce is not None:
            if question.listener in self._questions or len(self._questions) < MOST:
                self._questions[question.listener] = now, message.reply, question
            self._wake_for_questions()

    def _wake_for_questions(self) -> None:
        """Have the database queried, so that several questions can be answered together."""
        if self._questions and self._waking is None:
            pause = max(0.0, self._answered_at + PAUSE_BETWEEN_ANSWERS - self._clock())
            self._waking = asyncio.get_running_loop().call_later(pause, self._wake_now)

    def _wake_now(self) -> None:
        self._waking = None
        self._wake.set()

    async def _acknowledge(self) -> None:
        """Acknowledge the position that is in force on every server: one listener on behalf of all."""
        listener = uuid5(LISTENERS, self._stream.identity)
        holds_until = self._began_at + (HEAR_FIRST if self._found is not None else 0)
        with database_errors():
            arguments: dict[str, Any] = {**CONNECTION, **conninfo_to_dict(self._dsn)}
            async with await psycopg.AsyncConnection.connect(
                **arguments, autocommit=True, prepare_threshold=None
            ) as connection:
                said, said_at = None, float("-inf")
                while True:
                    now = self._clock()
                    # At first what the stream had already, however long connecting took: answers wait until the
                    # database knows this listener, and servers that lag need an answer to go on.
                    holds = self._found is not None and (said is None or now < holds_until)
                    cursor = self._found if holds else self._followers.in_force(now)
                    if cursor is not None and (cursor != said or now - said_at >= HEARTBEAT):
                        async with asyncio.timeout(HEARTBEAT):
                            await connection.execute(self._acknowledgement, (listener, cursor))
                        said, said_at = cursor, now
                        self._known.set()
                    try:
                        async with asyncio.timeout(max(0.0, holds_until - now) if holds else HEARTBEAT):
                            await self._followers.changed.wait()
                    except TimeoutError:
                        continue
                    self._followers.changed.clear()

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await self._stream.check()

    async def _lost(self) -> None:
        await self._connection.lost.wait()
        raise FeedError("connection_failed")
