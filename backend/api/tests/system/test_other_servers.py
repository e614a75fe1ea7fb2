"""The frontend by Next.js's own servers: `next start`, as on a platform that brings its own, and `next dev`."""

import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from scripts.paths import FRONTEND, NODE
from scripts.ports import free_port
from scripts.stack.isolated import RunningStack, short_lived_folder

NEXT = [str(NODE), "node_modules/next/dist/bin/next"]
PAGES_BEFOREHAND = ("/", "/sign-in", "/sign-up")
OURS = (
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "permissions-policy",
    "cache-control",
    "etag",
    "content-type",
)


@contextmanager
def served_by_next(stack: RunningStack, command: str, **environment: str) -> Iterator[str]:
    """Its address, on the stack's database."""
    port = free_port()
    address = f"http://localhost:{port}"
    service = replace(
        stack.services["web"],
        name=command,
        command=[*NEXT, command, "--hostname", "127.0.0.1", "--port", str(port)],
        ready_url=f"{address}/api/healthz",
        environment={
            **stack.services["web"].environment,
            "PORT": str(port),
            "BETTER_AUTH_URL": address,
            **environment,
        },
    )
    with short_lived_folder() as folder:
        second = RunningStack([service], stack.ports, stack.urls, folder)
        try:
            second.start(command)
            yield address
        finally:
            second.stop(command, signal.SIGKILL)


@pytest.fixture(scope="module")
def plain(stack: RunningStack) -> Iterator[str]:
    with served_by_next(stack, "start") as address:
        yield address


def scripts_of(answer: httpx.Response) -> str:
    """The policy's sources of scripts."""
    found = re.search(r"script-src ([^;]*)", answer.headers["content-security-policy"])
    assert found
    return found[1]


def test_pages_have_the_same_strict_policy_under_next_start(stack: RunningStack, plain: str) -> None:
    for path in PAGES_BEFOREHAND:
        answer = httpx.get(plain + path)
        assert scripts_of(answer) == scripts_of(httpx.get(stack.web + path))
        assert "'sha256-" in scripts_of(answer)
        assert "unsafe" not in scripts_of(answer)
    first, second = (scripts_of(httpx.get(f"{plain}/forgot-password")) for _ in range(2))
    nonce = re.search(r"'nonce-([^']+)'", first)
    assert nonce
    assert first != second
    assert "unsafe" not in first
    page = httpx.get(f"{plain}/forgot-password")
    nonce = re.search(r"'nonce-([^']+)'", scripts_of(page))
    assert nonce
    inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", page.text)
    assert inline
    assert sum(nonce[1] in attributes for attributes in inline) >= len(inline) - 1, "but for the theme's, by its hash"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/auth/jwks"),
        ("GET", "/api/auth/get-session"),
        ("GET", "/api/auth/nowhere"),
        ("DELETE", "/api/auth/get-session"),
        ("GET", "/api/backend/me"),
        ("POST", "/api/auth/sign-out"),
        ("POST", "/api/session/sign-in"),
        ("HEAD", "/api/auth/jwks"),
        ("PUT", "/api/session/sign-in"),
    ],
)
def test_route_handlers_answer_the_same_under_next_start(
    stack: RunningStack, plain: str, method: str, path: str
) -> None:
    ours, theirs = (httpx.request(method, base + path, timeout=15) for base in (stack.web, plain))
    assert (ours.status_code, ours.text) == (theirs.status_code, theirs.text)
    assert {name: ours.headers.get(name) for name in OURS} == {name: theirs.headers.get(name) for name in OURS}


@pytest.mark.parametrize("path", [*PAGES_BEFOREHAND, "/reset-password", "/sign-in?return_to=%2Faccount"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_pages_are_the_same_under_next_start(stack: RunningStack, plain: str, path: str, coding: str) -> None:
    asked = {"Accept-Encoding": coding}
    ours, theirs = (httpx.get(base + path, headers=asked) for base in (stack.web, plain))
    assert (ours.status_code, ours.text) == (theirs.status_code, theirs.text)
    compared = (*OURS, "vary", "content-encoding")
    assert {name: ours.headers.get(name) for name in compared} == {name: theirs.headers.get(name) for name in compared}
    known = {**asked, "If-None-Match": ours.headers.get("etag", "")}
    again = [httpx.get(base + path, headers=known).status_code for base in (stack.web, plain)]
    assert again[0] == again[1]


def test_next_start_uses_the_proxy_s_header_for_https(plain: str) -> None:
    over_https = httpx.get(f"{plain}/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert over_https.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in httpx.get(f"{plain}/sign-in").headers


@pytest.mark.long
def test_development_allows_what_its_reloading_needs_and_no_more(stack: RunningStack) -> None:
    try:
        with served_by_next(stack, "dev", NODE_ENV="development") as address:
            for path in ("/sign-in", "/forgot-password"):
                answer = httpx.get(address + path, timeout=60)
                assert answer.status_code == httpx.codes.OK
                assert "'unsafe-eval'" in scripts_of(answer)
                assert "connect-src 'self' ws:" in answer.headers["content-security-policy"]
                assert "object-src 'none'" in answer.headers["content-security-policy"]
                # Beside a hash or a nonce browsers ignore it, and Next.js's own scripts would not run.
                named = re.search(r"'(?:nonce|sha256)-", scripts_of(answer))
                assert bool(named) != ("'unsafe-inline'" in scripts_of(answer))
    finally:
        shutil.rmtree(FRONTEND / ".next" / "dev", ignore_errors=True)
