"""Whether a process that a file lists still runs."""

from pathlib import Path

import psutil

CLOCK_DRIFT = 60.0
"""Seconds that the time of a start may be reported late."""


def is_alive(process: int, listed_in: Path) -> bool:
    """Whether it is the one that was listed, and not a later one with its number."""
    try:
        return psutil.Process(process).create_time() < listed_in.stat().st_mtime + CLOCK_DRIFT
    except psutil.NoSuchProcess:
        return False
