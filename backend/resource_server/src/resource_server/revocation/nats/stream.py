"""The stream, as its publisher writes it: each message must directly follow the last one that this publisher knows."""

import asyncio
from dataclasses import asdict
from typing import Any, Final
from uuid import uuid4

from nats.js.api import StorageType, StreamConfig
from nats.js.errors import NotFoundError

from resource_server.revocation.nats.access import Connection, nats_errors
from resource_server.revocation.nats.wire import Snapshot, Subjects, in_parts, read_message, write
from resource_server.revocation.page import FeedError, Page

EXPECTED: Final = "Nats-Expected-Last-Sequence"


class PublishedStream:
    """``identity``: of the stream's contents. ``position``: the sequence of the last page.

    ``cursor``: of the database at that page. ``pages``: how many there are since the snapshot.
    """

    def __init__(self, connection: Connection, name: str, replicas: int) -> None:
        self._connection = connection
        self._subjects = Subjects(name)
        self._replicas = replicas
        self._lock = asyncio.Lock()
        self._last = 0
        self.identity = ""
        self.term = 0
        self.position = 0
        self.cursor: str | None = None
        self.snapshot: Snapshot | None = None
        self.pages = 0

    async def open(self) -> None:
        """Create the stream if it does not exist, and read its last page."""
        with nats_errors(self._connection):
            jetstream, name = self._connection.jetstream, self._subjects.stream
            try:
                info = await self._connection.call(jetstream.stream_info(name))
            except NotFoundError:
                subjects = [self._subjects.pages, self._subjects.snapshot]
                settings = StreamConfig(
                    name=name,
                    subjects=subjects,
                    storage=StorageType.FILE,
                    num_replicas=self._replicas,
                    allow_direct=True,
                )
                info = await self._connection.call(jetstream.add_stream(settings))
            self._last = info.state.last_seq
            try:
                last = await self._connection.call(jetstream.get_last_msg(name, self._subjects.pages))
            except NotFoundError:
                self.identity = uuid4().hex
                return
        page = read_message(last.data)
        self.identity, self.term, self.position = page.stream, page.term, page.sequence
        self.cursor, self.snapshot = page.cursor, page.snapshot
        self.pages = page.sequence - page.snapshot.last if page.snapshot else 0

    async def begin(self, term: int) -> None:
        """Publish that a new term has begun. From here on no former publisher can write."""
        self.term = term
        await self._publish_page(None, "[]")

    async def add(self, page: Page) -> None:
        """Publish a page from the database."""
        for rows, _, last in in_parts(page):
            await self._publish_page(page.cursor if last else self.cursor, rows)

    async def add_to_snapshot(self, page: Page) -> tuple[int, int]:
        """Publish a page of the full set. The sequences of its first and last message."""
        async with self._lock:
            sequences = [await self._publish(self._subjects.snapshot, {}, rows) for rows, _, _ in in_parts(page)]
        return sequences[0], sequences[-1]

    async def announce(self, snapshot: Snapshot, cursor: str | None, *, reset: bool) -> None:
        """Publish that there is a new full set. ``reset``: it replaces everything before it."""
        former, self.snapshot = self.snapshot, snapshot
        await self._publish_page(cursor, "[]", reset=reset)
        self.pages = 0
        if former is not None and former.position:
            # A server that is loading the former set can continue: only what precedes that set is deleted.
            with nats_errors(self._connection):
                purging = self._connection.jetstream.purge_stream(self._subjects.stream, seq=former.position + 1)
                await self._connection.call(purging)

    async def check(self) -> None:
        """Raise FeedError("superseded") when the stream's last page is not this publisher's."""
        async with self._lock:
            with nats_errors(self._connection):
                try:
                    getting = self._connection.jetstream.get_last_msg(self._subjects.stream, self._subjects.pages)
                    last = await self._connection.call(getting)
                except NotFoundError as error:
                    raise FeedError("superseded") from error
            if last.seq != self.position or read_message(last.data).term != self.term:
                raise FeedError("superseded")

    async def _publish_page(self, cursor: str | None, rows: str, *, reset: bool = False) -> None:
        async with self._lock:
            cursor = self.cursor if cursor is None else cursor
            snapshot = None if self.snapshot is None else asdict(self.snapshot)
            fields = {"after": self.position, "reset": reset, "cursor": cursor, "snapshot": snapshot}
            self.position = await self._publish(self._subjects.pages, fields, rows)
            self.cursor = cursor
            self.pages += 1

    async def _publish(self, subject: str, fields: dict[str, Any], rows: str) -> int:
        """The sequence of the message. To be called with the lock held."""
        sequence = self._last + 1
        known = {"stream": self.identity, "term": self.term, "sequence": sequence}
        with nats_errors(self._connection):
            self._connection.check()
            publishing = self._connection.jetstream.publish(
                subject,
                write({**known, **fields}, rows),
                stream=self._subjects.stream,
                headers={EXPECTED: str(self._last)},
            )
            stored = await self._connection.call(publishing)
        if stored.seq != sequence:
            raise FeedError("superseded")
        self._last = sequence
        return sequence
