"""What strangers do with connections to the identity provider leaves nothing behind."""

import os
import socket
import time
from pathlib import Path

import httpx
import pytest

from scripts.stack.isolated import RunningStack

POOL = 20
"""Connections to the database that the web server may have opened meanwhile."""
UPGRADE = b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def descriptors(stack: RunningStack) -> int:
    """How many files and sockets the web server holds open, whatever wrapper it was started by."""
    group = stack.running["web"].pid
    members = [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and in_group(int(pid.name), group)]
    return sum(len(list((pid / "fd").iterdir())) for pid in members)


def in_group(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group
    except ProcessLookupError:
        return False


def settled(stack: RunningStack, limit: int) -> int:
    """The number of descriptors once it is at most `limit`, or after ten seconds."""
    deadline = time.monotonic() + 10
    while (count := descriptors(stack)) > limit and time.monotonic() < deadline:
        time.sleep(0.05)
    return count


@pytest.mark.parametrize("path", [b"/_next/webpack-hmr", b"/nowhere", b"/api/auth/get-session"])
def test_upgrade_requests_leave_no_descriptor(stack: RunningStack, path: bytes) -> None:
    httpx.get(f"{stack.web}/api/healthz")
    before = descriptors(stack)
    clients = [socket.create_connection(("localhost", stack.ports.web), timeout=5) for _ in range(100)]
    for client in clients:
        client.sendall(UPGRADE % path)
    # Once this one is answered, those before it have been seen to.
    httpx.get(f"{stack.web}/api/healthz")
    for client in clients:
        client.close()
    assert settled(stack, before + POOL + 5) <= before + POOL + 5
    assert httpx.get(f"{stack.web}/api/healthz").status_code == httpx.codes.OK


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/api/auth/get-session", "/api/backend/me"])
def test_a_method_that_nothing_answers_is_a_405(stack: RunningStack, method: str, path: str) -> None:
    answer = httpx.request(method, f"{stack.web}{path}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
