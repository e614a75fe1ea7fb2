"""The time by which expired revocations are dropped. A wall clock that is set forward by mistake does not advance
it."""

import time
from collections.abc import Callable
from typing import Final

from resource_server.timing import boot_time

TOLERANCE: Final = 60.0
"""Seconds for which a revocation is kept past its expiry, and by which the wall clock may be set back unnoticed."""


class ExpiryClock:
    """Epoch seconds: the earliest reading of the wall clock so far, advanced by a monotonic clock."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = boot_time) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()
        self._trusted_offset = self._offset

    def __call__(self) -> float:
        now = self._monotonic()
        self._offset = min(self._offset, self._wall() - now)
        return now + self._offset - TOLERANCE

    def was_set_back(self) -> bool:
        """Whether the wall clock was ahead, so that too much may have been dropped; logged once."""
        self()
        if self._offset > self._trusted_offset - TOLERANCE:
            return False
        self._trusted_offset = self._offset
        return True
