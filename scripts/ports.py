"""Ports for what this process starts, which nobody else takes before it is started."""

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

LOWEST, HIGHEST = 20_000, 65_535
EPHEMERAL = (32_768, HIGHEST)
"""Where the system takes the ports of outgoing connections from, unless it says otherwise."""
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")

_kept: list[int] = []


def free_port() -> int:
    """A port on which nobody listens. Until this process ends no other call returns it, here or in another process.

    The ports of outgoing connections are left out, unless the system uses all of them for those.
    """
    lowest, highest = ephemeral()
    candidates: list[int] = [*range(LOWEST, lowest), *range(highest + 1, HIGHEST)] or [*range(LOWEST, HIGHEST)]
    random.shuffle(candidates)
    for port in candidates:
        if keep(port):
            return port
    raise OSError("every port is taken")


def ephemeral() -> tuple[int, int]:
    """The lowest and the highest port of outgoing connections."""
    try:
        lowest, highest = map(int, RANGE.read_text().split())
    except (OSError, ValueError):
        return EPHEMERAL
    return lowest, highest


def keep(port: int) -> bool:
    """Lock the port's file, if nobody else has and nobody listens. The lock ends with this process."""
    folder = Path(tempfile.gettempdir()) / f"ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _kept.append(descriptor)
    return is_unused(port)


def is_unused(port: int) -> bool:
    """Whether no socket has the port on loopback, over IPv4 or IPv6."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.bind((address, port))
        except OSError as error:
            # Others mean that this machine has no such addresses.
            if error.errno == errno.EADDRINUSE:
                return False
    return True
