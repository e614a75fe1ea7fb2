"""Many sign-ups at once, while health checks are asked: what was answered, how long it took, and what is there."""

import asyncio
import json
import ssl
import sys
import time
import uuid
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, cast

import httpx
import psycopg

from notes_api.serving.descriptors import connections_for
from scripts.paths import ROOT

PATIENCE = 120.0
PASSWORD = "Corr3ctHorse"  # noqa: S105
UNKNOWN = {(504, "outcome_unknown")}
REFUSALS = {
    (429, "rate_limited"),
    (503, "overloaded"),
    (503, "identity_provider_unavailable"),
}
"""Answers that say that nothing was done."""
TRUSTING = {"TRUSTED_PROXIES": "127.0.0.0/8,::1"}
"""The configuration of a stack that believes a client on this machine who it is."""

Clients = Literal["one address", "an address each"]


@dataclass
class Burst:
    """Seconds run from the request to the whole answer. People are known by e-mail address."""

    outcomes: Counter[tuple[int, str]] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    without_retry_after: int = 0
    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    health_seconds: list[float] = field(default_factory=list)
    unhealthy: Counter[str] = field(default_factory=Counter)

    @property
    def untrue(self) -> set[str]:
        """Those who were told that they have an account and have none, and the other way round."""
        return (self.succeeded - self.accounts) | (self.refused & self.accounts)

    @property
    def dishonest(self) -> dict[tuple[int, str], int]:
        """Answers that are neither a success nor a refusal that a client can act upon."""
        honest = {(200, ""), *REFUSALS, *UNKNOWN}
        return {outcome: count for outcome, count in self.outcomes.items() if outcome not in honest}


async def sign_up_at_once(
    address: str,
    health: Sequence[str],
    owner: str,
    count: int,
    clients: Clients = "an address each",
) -> Burst:
    """`count` people sign up at `address` at the same moment.

    `health` are addresses of health checks, `owner` the database's, where the accounts are found afterwards. A client's
    address of its own counts where the stack is TRUSTING.
    """
    burst, mark = Burst(), uuid.uuid4().hex[:8]
    connections_for(count)
    tls = ssl.create_default_context()
    people = [(f"{mark}-{number}@example.com", client_address(number, clients)) for number in range(count)]
    async with probing(health, burst):
        started = time.perf_counter()
        await asyncio.gather(*(sign_up(address, tls, email, client, burst) for email, client in people))
        burst.elapsed = time.perf_counter() - started
    async with await psycopg.AsyncConnection.connect(owner) as connection:
        found = await connection.execute('SELECT email FROM auth."user" WHERE email LIKE %s', [f"{mark}-%"])
        burst.accounts = {email for (email,) in await found.fetchall()}
    return burst


def client_address(number: int, clients: Clients) -> str:
    """An address of RFC 2544's test network."""
    return "198.18.0.1" if clients == "one address" else f"198.19.{number // 250}.{number % 250 + 1}"


@asynccontextmanager
async def probing(urls: Sequence[str], burst: Burst) -> AsyncIterator[None]:
    """Asks health checks meanwhile, from another process."""
    probe = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.probe", *urls, cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    await cast("asyncio.StreamReader", probe.stdout).readline()
    try:
        yield
    finally:
        answer, _ = await probe.communicate(b"")
    seen = json.loads(answer)
    burst.health_seconds, burst.unhealthy = seen["seconds"], Counter(seen["failed"])


async def sign_up(address: str, tls: ssl.SSLContext, email: str, client_address: str, burst: Burst) -> None:
    form = {"name": "Ada", "email": email, "password": PASSWORD}
    started = time.perf_counter()
    # A client each: the search for a connection in one large pool would take the time that is measured.
    async with httpx.AsyncClient(verify=tls, trust_env=False, timeout=PATIENCE) as client:
        try:
            answer = await client.post(
                f"{address}/api/auth/sign-up",
                json=form,
                headers={"X-Forwarded-For": client_address},
            )
        except httpx.TransportError as error:
            burst.outcomes[(0, type(error).__name__)] += 1
            return
    burst.seconds.append(time.perf_counter() - started)
    body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    outcome = (answer.status_code, str(body.get("code", "")))
    burst.outcomes[outcome] += 1
    if answer.status_code == 200 and body.get("access_token"):
        burst.succeeded.add(email)
    elif outcome not in UNKNOWN:
        burst.refused.add(email)
    if answer.status_code in {429, 503} and "retry-after" not in answer.headers:
        burst.without_retry_after += 1
