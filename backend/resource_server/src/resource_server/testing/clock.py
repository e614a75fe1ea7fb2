"""Time that moves only when a test says so."""

import asyncio
import heapq
from itertools import count

_SETTLING_STEPS = 50


class FakeClock:
    """Stands in for ``time.time`` (call it) and for ``asyncio.sleep`` (``sleep``). Times are in seconds."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by this much."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass: whoever sleeps is woken when due, in order, and gets to run."""
        end = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self.now = max(self.now, due)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self.now = end
        await self.settle()

    async def settle(self) -> None:
        """Let every task run as far as it gets without time passing."""
        for _ in range(_SETTLING_STEPS):
            await asyncio.sleep(0)
