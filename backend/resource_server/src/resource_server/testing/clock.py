"""Time that moves only when a test says so."""

import asyncio
import heapq
from itertools import count

_SETTLING_STEPS = 50


class FakeClock:
    """A Clock for a ResourceServer. Times are in seconds.

    Calling it gives the wall clock's time. ``now`` may be set, like a wall clock; ``monotonic`` does not change then.
    """

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._set_forward = now
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    @property
    def now(self) -> float:
        """The wall clock's time, seconds since the epoch."""
        return self._set_forward + self._elapsed

    @now.setter
    def now(self, value: float) -> None:
        self._set_forward = value - self._elapsed

    def __call__(self) -> float:
        return self.now

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by this much."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + max(0.0, seconds), next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass: sleeping tasks are woken when due, in order, and run."""
        end = self._elapsed + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self._elapsed = end
        await self.settle()

    async def settle(self) -> None:
        """Let every task run as far as it can without time passing."""
        for _ in range(_SETTLING_STEPS):
            await asyncio.sleep(0)
