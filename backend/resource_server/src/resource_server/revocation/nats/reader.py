"""The resource server's side of the feed over NATS: a snapshot, the pages since, and queries that show completeness."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final
from uuid import uuid4

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.errors import NotFoundError

from resource_server.revocation.feed import RevocationFeed
from resource_server.revocation.listener import Listener
from resource_server.revocation.nats.access import Connection, NatsAccess, nats_errors
from resource_server.revocation.nats.wire import Answer, Message, Question, Subjects, read_answer, read_message
from resource_server.revocation.page import FeedError, Page
from resource_server.revocation.rows import Columns, no_rows, rows_in
from resource_server.timing import boot_time

MAX_PUSHED: Final = 10_000
"""Messages that are queued; further ones are read from the stream later."""
ROWS: Final = 4_000
"""The most rows in a page, so that adding it does not block the event loop for long."""
ASK_AGAIN_AFTER: Final = 1.0
NO_PUBLISHER_PAUSE: Final = 0.2
NO_RESPONDERS: Final = "503"
LATE_REPLICA_PAUSE: Final = 0.05
LATE_REPLICA_ATTEMPTS: Final = 10


class NatsRevocationFeed(RevocationFeed):
    """Follows the stream ``stream`` of a publisher (``python -m resource_server publish``) on NATS.

    ``timeout``: for one answer, in seconds.
    """

    def __init__(
        self,
        access: NatsAccess,
        *,
        stream: str = "revocations",
        heartbeat: float = 5.0,
        timeout: float = 5.0,
        backoff: float = 5.0,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        transport = NatsTransport(access, stream=stream, timeout=timeout, clock=clock)
        super().__init__(transport, heartbeat=heartbeat, backoff=backoff, clock=clock)
        transport.when_heard = self._refuse_at_once

    def remedy(self, code: str) -> str | None:
        """See RevocationFeed."""
        if code == "forbidden":
            return "NATS does not accept the credentials, or they may not do what docs/nats.md lists for a server"
        if code == "not_installed":
            return "the stream is not there: start a publisher, python -m resource_server publish"
        if code == "timeout":
            return "no publisher answers: see that one runs, python -m resource_server publish"
        return super().remedy(code)


class Gap(Exception):
    """The next page is no longer in the stream, or replaces what is known: the full set has to be loaded."""


class NatsTransport:
    """See NatsRevocationFeed. A cursor is ``<identity>/<sequence>``; while the full set is loaded it is empty."""

    name = "nats"

    def __init__(self, access: NatsAccess, *, stream: str, timeout: float, clock: Callable[[], float]) -> None:
        self._access = access
        self._subjects = Subjects(stream)
        self._timeout = timeout
        self._clock = clock
        self._listener = Listener()
        self._connection: Connection | None = None
        self._identity = ""
        self._term = 0
        self._loaded = 0
        self._proved_at = float("-inf")
        self._max_token_life = 0
        self._pause = 0.0
        self.when_heard: Callable[[Page], None] = lambda _: None
        """Called with the rows of each message, as soon as it comes: what is revoked stays so, whatever is missing."""
        self._run: AsyncIterator[Page] | None = None
        self._acknowledging: asyncio.Task[None] | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._pushed: deque[Message] = deque()
        self._failure: FeedError | None = None
        self._wake = asyncio.Event()
        self._waiting: tuple[str, asyncio.Future[Answer | None]] | None = None
        self._in_force = self._acknowledged = 0
        self._to_acknowledge = asyncio.Event()

    async def open(self) -> None:
        self._begin_anew()
        connection = self._connection = Connection(self._access, self._timeout, self._wake_up)
        await connection.open("revocation feed")
        with nats_errors(connection):
            client = connection.client
            self._inbox = client.new_inbox()
            await connection.call(client.subscribe(self._inbox, cb=self._hear_answer))
            await connection.call(client.subscribe(self._subjects.pages, cb=self._hear_page))
            await connection.call(client.flush())
            # A publisher with an earlier term than the stream's last page has been replaced.
            try:
                last = await connection.call(
                    connection.jetstream.get_last_msg(self._subjects.stream, self._subjects.pages, direct=True)
                )
            except NotFoundError as error:
                raise FeedError("not_installed") from error
        self._term = read_message(last.data).term
        self._acknowledging = asyncio.create_task(self._acknowledge(connection))

    async def close(self) -> None:
        self._run = None
        acknowledging, self._acknowledging = self._acknowledging, None
        connection, self._connection = self._connection, None
        try:
            if acknowledging is not None:
                acknowledging.cancel()
                await asyncio.wait([acknowledging])
        finally:
            if connection is not None:
                await connection.close()

    async def fetch(self, cursor: str | None, wait: float, wake: asyncio.Event) -> Page:
        connection = self._open_connection()
        with nats_errors(connection):
            if self._run is None or cursor is None:
                position = self._position(cursor)
                if position is not None:
                    self._in_force = position
                    self._to_acknowledge.set()
                if wait and position is not None and (page := await self._wait_for_pages(position, wait, wake)):
                    return page
                self._run = self._catch_up(position)
            page = await anext(self._run)
            if page.complete:
                self._proved_at = page.asked_at
                run, self._run = self._run, None
                await anext(run, None)
        return page

    async def _wait_for_pages(self, position: int, wait: float, wake: asyncio.Event) -> Page | None:
        self._wake = wake
        if not self._pushed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await wake.wait()
        wake.clear()
        self._open_connection()
        return self._take_pushed(position)

    def _take_pushed(self, position: int) -> Page | None:
        """The queued messages, up to the first gap. None: the publisher has to be asked."""
        rows, end = no_rows(), position
        while self._pushed and rows_in(rows) < ROWS:
            message = self._pushed[0]
            if message.term < self._term or (message.term == self._term and message.sequence <= end):
                self._pushed.popleft()
                continue
            if message.term > self._term or message.after > end or not self._continues(message):
                if end == position:
                    # The query that follows shows what is true, and this message is read from the stream.
                    self._pushed.popleft()
                break
            self._pushed.popleft()
            extend(rows, message.rows)
            end = message.sequence
        return self._page(end, rows, asked_at=self._proved_at) if end > position else None

    def _continues(self, message: Message) -> bool:
        replaced = message.reset and message.snapshot is not None and message.snapshot.first > self._loaded
        return message.stream == self._identity and not replaced

    async def _catch_up(self, position: int | None) -> AsyncIterator[Page]:
        answer, asked_at = await self._ask(position)
        self._max_token_life = answer.max_token_life
        self._pause = answer.pause
        self._term = answer.term
        if position is not None and answer.stream == self._identity and position <= answer.position:
            with contextlib.suppress(Gap):
                async for page in self._replay(position, answer, asked_at):
                    yield page
                return
        self._identity, self._loaded = answer.stream, answer.snapshot.first
        self._in_force = self._acknowledged = 0
        try:
            async for page in self._load(answer, asked_at):
                yield page
        except Gap as error:
            raise FeedError("refused") from error

    async def _load(self, answer: Answer, asked_at: float) -> AsyncIterator[Page]:
        snapshot, sequence = answer.snapshot, answer.snapshot.first
        while sequence <= snapshot.last:
            part = await self._stored(sequence, self._subjects.snapshot)
            reset = sequence == snapshot.first
            yield self._page(
                None, part.rows, asked_at=asked_at, complete=False, reset=reset, expected=snapshot.rows if reset else 0
            )
            sequence = part.sequence + 1
        async for page in self._replay(snapshot.position, answer, asked_at, loading=True):
            yield page

    async def _replay(
        self, position: int, answer: Answer, asked_at: float, *, loading: bool = False
    ) -> AsyncIterator[Page]:
        """The pages after the position, up to the answer's."""
        rows = no_rows()
        while position < answer.position:
            message = await self._following(position)
            if message.after > position or not self._continues(message):
                raise Gap
            extend(rows, message.rows)
            position = message.sequence
            if rows_in(rows) >= ROWS and position < answer.position:
                yield self._page(None if loading else position, rows, asked_at=asked_at, complete=False)
                rows = no_rows()
        yield self._page(position, rows, asked_at=asked_at, answer=answer)

    async def _following(self, position: int) -> Message:
        while self._pushed:
            message = self._pushed[0]
            if message.sequence > position and message.term >= self._term:
                break
            self._pushed.popleft()
        if self._pushed and self._pushed[0].after <= position and self._pushed[0].term == self._term:
            return self._pushed.popleft()
        return await self._stored(position + 1, self._subjects.pages)

    async def _stored(self, sequence: int, subject: str) -> Message:
        """The first message on the subject from the sequence on. A replica of the stream may lag a little."""
        for _ in range(LATE_REPLICA_ATTEMPTS):
            connection = self._open_connection()
            try:
                found = await connection.call(
                    connection.jetstream.get_msg(
                        self._subjects.stream, seq=sequence, subject=subject, direct=True, next=True
                    )
                )
            except NotFoundError:
                await asyncio.sleep(LATE_REPLICA_PAUSE)
                continue
            message = read_message(found.data)
            if message.sequence != found.seq:
                raise FeedError("malformed")
            return message
        raise Gap

    async def _ask(self, position: int | None) -> tuple[Answer, float]:
        """The publisher's answer, and the time of the query. Asks again while a new publisher is elected."""
        async with asyncio.timeout(self._timeout):
            while True:
                nonce, asked_at = uuid4().hex, self._clock()
                future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
                self._waiting = nonce, future
                question = Question(str(self._listener.id), self._identity or None, position, nonce)
                connection = self._open_connection()
                await connection.client.publish(self._subjects.questions, question.write(), reply=self._inbox)
                done, _ = await asyncio.wait({future}, timeout=ASK_AGAIN_AFTER)
                if done and (answer := future.result()) is not None:
                    self._acknowledged = max(self._acknowledged, position or 0)
                    return answer, asked_at

    async def _hear_answer(self, message: Msg) -> None:
        if self._waiting is None or self._waiting[1].done():
            return
        nonce, future = self._waiting
        if not message.data and message.headers and message.headers.get("Status") == NO_RESPONDERS:
            asyncio.get_running_loop().call_later(NO_PUBLISHER_PAUSE, self._ask_again, future)
            return
        try:
            answered, answer = read_answer(message.data)
        except FeedError as error:
            future.set_exception(error)
            return
        # An answer with an earlier term is from a former publisher.
        if answered == nonce and answer.term >= self._term:
            future.set_result(answer)

    def _ask_again(self, future: asyncio.Future[Answer | None]) -> None:
        if not future.done():
            future.set_result(None)

    async def _hear_page(self, message: Msg) -> None:
        try:
            page = read_message(message.data)
            if page.stream == self._identity and page.term >= self._term:
                self.when_heard(self._page(None, page.rows, asked_at=self._proved_at))
            if len(self._pushed) < MAX_PUSHED:
                self._pushed.append(page)
            if page.term > self._term and self._waiting is not None:
                # The publisher that it asked was replaced; the new one has to know of this server at once.
                self._ask_again(self._waiting[1])
        except FeedError as error:
            self._failure = error
        self._wake_up()

    def _wake_up(self) -> None:
        self._wake.set()

    async def _acknowledge(self, connection: Connection) -> None:
        """Acknowledge what is in force here: less often the more servers there are, and not all at the same time."""
        with contextlib.suppress(Error, OSError):
            while True:
                await self._to_acknowledge.wait()
                before = random.SystemRandom().uniform(0, self._pause)
                await asyncio.sleep(before)
                self._to_acknowledge.clear()
                if self._in_force > self._acknowledged:
                    self._acknowledged = self._in_force
                    said = Question(str(self._listener.id), self._identity, self._in_force, None)
                    await connection.client.publish(self._subjects.questions, said.write())
                    await asyncio.sleep(self._pause - before)

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise FeedError("connection_failed")
        self._connection.check()
        if self._failure is not None:
            raise self._failure
        return self._connection

    def _position(self, cursor: str | None) -> int | None:
        identity, _, sequence = (cursor or "").partition("/")
        return int(sequence) if sequence and identity == self._identity else None

    def _page(
        self,
        position: int | None,
        rows: Columns,
        *,
        asked_at: float,
        complete: bool = True,
        reset: bool = False,
        expected: int = 0,
        answer: Answer | None = None,
    ) -> Page:
        return Page(
            asked_at=asked_at,
            cursor="" if position is None else f"{self._identity}/{position}",
            reset=reset,
            complete=complete,
            max_token_life=self._max_token_life,
            expected=expected,
            missing_triggers=answer.missing_triggers if answer else None,
            schema_version=answer.schema_version if answer else None,
            origins=answer.origins if answer else (),
            **rows,
        )


def extend(columns: Columns, more: Columns) -> None:
    """Add rows to the others."""
    columns["sids"] += more["sids"]
    columns["sid_expires"] += more["sid_expires"]
    columns["subs"] += more["subs"]
    columns["sub_min_vers"] += more["sub_min_vers"]
    columns["sub_expires"] += more["sub_expires"]
    columns["others"] += more["others"]
