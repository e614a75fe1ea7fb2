"""Tells long-lived connections that their caller is no longer accepted."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from resource_server.timing import Clock
    from resource_server.verification.errors import AuthenticationError
    from resource_server.verification.principal import Principal

INTERVAL: Final = 1.0
"""Seconds between two checks for expired callers, and for revoked ones where the list does not announce changes."""
SLICE: Final = 500
"""Callers that are checked before other tasks may run."""


class Watch:
    """The callers of open connections. ``refusal`` says why a caller is not accepted at the moment, or None."""

    def __init__(self, clock: Clock, refusal: Callable[[Principal, float], AuthenticationError | None]) -> None:
        self._clock = clock
        self._refusal = refusal
        self._waiting: dict[asyncio.Future[AuthenticationError], tuple[Principal, float]] = {}
        self._changed = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def changed(self) -> None:
        """Check all of them now."""
        self._changed.set()

    async def wait(self, principal: Principal, bound: float) -> AuthenticationError:
        """Return the refusal as soon as there is one."""
        ended: asyncio.Future[AuthenticationError] = asyncio.get_running_loop().create_future()
        self._waiting[ended] = (principal, bound)
        try:
            # After registering, so that no change is missed.
            refusal = self._refusal(principal, bound)
            if refusal is not None:
                return refusal
            self._start()
            return await ended
        finally:
            del self._waiting[ended]
            if not self._waiting:
                self._stop()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = tuple(
                asyncio.create_task(work(), name="watch over open connections", context=Context())
                for work in (self._look_when_changed, self._look_now_and_then)
            )

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = ()

    async def _look_when_changed(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for number, (ended, (principal, bound)) in enumerate(list(self._waiting.items()), 1):
                refusal = None if ended.done() else self._refusal(principal, bound)
                if refusal is not None:
                    ended.set_result(refusal)
                if number % SLICE == 0:
                    await asyncio.sleep(0)

    async def _look_now_and_then(self) -> None:
        while True:
            await self._clock.sleep(INTERVAL)
            self.changed()
