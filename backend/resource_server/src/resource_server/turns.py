"""Bounds how long verification blocks the event loop."""

import asyncio
from collections import deque
from typing import Final

PER_TURN: Final = 16


class Turns:
    """Allows a few verifications in one iteration of the event loop; the others wait for a later one, in order.

    One verification takes up to 0.2 ms, so that other tasks, time-outs and sockets wait for a few milliseconds.
    """

    def __init__(self) -> None:
        self._left = PER_TURN
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Whether the caller may go on at once; otherwise it has to ``wait``."""
        if self._waiting or self._left <= 0:
            return False
        if self._left == PER_TURN:
            asyncio.get_running_loop().call_soon(self._next)
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        self._left = PER_TURN
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        if self._left < PER_TURN:
            asyncio.get_running_loop().call_soon(self._next)
