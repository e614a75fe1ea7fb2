"""The servers that follow: which are alive, and the position up to which revocations are in force on all of them."""

import asyncio
from collections import deque
from typing import Final

GONE_AFTER: Final = 10.0
"""Seconds without a message. A server sends one every five seconds."""
MOST: Final = 100_000
ACKNOWLEDGEMENTS_A_SECOND: Final = 10_000


class Followers:
    """``changed`` is set when there may be something to acknowledge. Times are seconds on the publisher's clock."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._heard: dict[str, tuple[int, float]] = {}
        self._cursors: deque[tuple[int, str]] = deque()

    def __len__(self) -> int:
        return len(self._heard)

    @property
    def pause(self) -> float:
        """Seconds between two acknowledgements of one server, which bounds the total rate."""
        return min(len(self._heard) / ACKNOWLEDGEMENTS_A_SECOND, 1.0)

    def hear(self, listener: str, position: int, now: float) -> None:
        """Note a server's acknowledgement that everything up to the position is in force on it."""
        known = self._heard.get(listener)
        if known is None and len(self._heard) >= MOST:
            return
        self._heard[listener] = position, now
        if known is None or known[0] < position:
            self.changed.set()

    def reach(self, position: int, cursor: str) -> None:
        """Note that the stream has everything up to the database's cursor at this position."""
        if self._cursors and self._cursors[-1][0] == position:
            self._cursors.pop()
        self._cursors.append((position, cursor))
        # A server may have acknowledged it already: servers receive a page before it is stored.
        self.changed.set()

    def in_force(self, now: float) -> str | None:
        """The database's cursor up to which everything is in force on all live servers; None when not known."""
        for listener in [name for name, (_, at) in self._heard.items() if now - at > GONE_AFTER]:
            del self._heard[listener]
        if not self._cursors:
            return None
        lowest = min((position for position, _ in self._heard.values()), default=self._cursors[-1][0])
        while len(self._cursors) > 1 and self._cursors[1][0] <= lowest:
            self._cursors.popleft()
        position, cursor = self._cursors[0]
        return cursor if position <= lowest else None
