"""The clocks of a resource server: wall-clock time for the times in tokens, and a monotonic clock."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol


class Clock(Protocol):
    """Where the time comes from. Times are in seconds."""

    def time(self) -> float:
        """Seconds since the epoch, for what is compared with the times in a token. The wall clock; it may be set."""
        ...

    def monotonic(self) -> float:
        """Monotonic seconds, for ages, pauses and deadlines; they also pass while the machine is suspended."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


boot_time: Final[Callable[[], float]] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic
)
"""Seconds that also pass while the machine is suspended, where the system offers them."""


class SystemClock:
    """The machine's own clocks."""

    time = staticmethod(time.time)
    monotonic = staticmethod(boot_time)
    sleep = staticmethod(asyncio.sleep)
