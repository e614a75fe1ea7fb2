"""Tells long-lived connections that their caller is no longer accepted."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import TYPE_CHECKING, Final

from resource_server.verification.errors import AuthenticationError, RevocationStale

if TYPE_CHECKING:
    from collections.abc import Callable

    from resource_server.timing import Clock
    from resource_server.verification.principal import Principal

INTERVAL: Final = 1.0
"""Seconds between two checks for expired callers, and for revoked ones where the list does not announce changes."""
SLICE: Final = 500
"""Callers that are checked before other tasks may run."""
logger = logging.getLogger(__name__)


class Watch:
    """The callers of open connections. ``refusal`` says why a caller is not accepted at the moment, or None.

    While it raises, the callers are checked again and again; those of a connection with a bound are refused as
    RevocationStale once it has raised for longer than that.
    """

    def __init__(self, clock: Clock, refusal: Callable[[Principal, float], AuthenticationError | None]) -> None:
        self._clock = clock
        self._refusal = refusal
        self._waiting: dict[asyncio.Future[AuthenticationError], tuple[Principal, float]] = {}
        self._changed = asyncio.Event()
        self._failing: dict[asyncio.Future[AuthenticationError], float] = {}
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
            refusal = self._check(ended, principal, bound)
            if refusal is not None:
                return refusal
            self._start()
            return await ended
        finally:
            del self._waiting[ended]
            self._failing.pop(ended, None)
            if not self._waiting:
                self._stop()

    def _check(
        self, ended: asyncio.Future[AuthenticationError], principal: Principal, bound: float
    ) -> AuthenticationError | None:
        try:
            refusal = self._refusal(principal, bound)
        except Exception:
            if not self._failing:
                logger.exception("open connections can't be checked for revocations; trying again every second")
            now = self._clock.monotonic()
            return RevocationStale() if now - self._failing.setdefault(ended, now) > bound else None
        self._failing.pop(ended, None)
        return refusal

    def _start(self) -> None:
        if any(task.done() for task in self._tasks):
            self._stop()
        if not self._tasks:
            # An event belongs to the loop in which it was first awaited.
            self._changed = asyncio.Event()
            self.changed()
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
                refusal = None if ended.done() else self._check(ended, principal, bound)
                if refusal is not None:
                    ended.set_result(refusal)
                if number % SLICE == 0:
                    await asyncio.sleep(0)

    async def _look_now_and_then(self) -> None:
        while True:
            await self._clock.sleep(INTERVAL)
            self.changed()
