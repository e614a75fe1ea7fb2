"""Waiting for other processes, which have clocks of their own."""

import time
from collections.abc import Callable

PATIENCE = 15.0


def eventually(check: Callable[[], bool]) -> None:
    """Asks until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
