"""From commit to refused by every follower, by transport and number of followers.

Run from the repository's root: python -m scripts.bench.followers [postgres=4,40,200] [nats=4,100,500,2000]
[revocations=30]. First that many revocations at one a second; then steps of three seconds at 4, 16, 64, 256 and 1,024 a
second, as long as 99% are refused everywhere within a second. The followers share four processes on this machine with
Postgres, NATS and the publisher; each has a connection of its own.
"""

import asyncio
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import psycopg

from resource_server.revocation import NatsAccess, NatsRevocationFeed, PostgresRevocationFeed, RevocationFeed
from resource_server.verification.principal import Principal
from scripts.bench.denylist import prepare
from scripts.bench.table import percentile, print_table
from scripts.database import DatabaseUrls, embedded_database
from scripts.paths import BIN, ROOT
from scripts.ports import free_port

PROCESSES = 4
REVOCATIONS = 30
STEPS = (4, 16, 64, 256, 1_024)
SECONDS_OF_A_STEP = 3
SUSTAINED = 1_000.0
"""Milliseconds within which 99% of the revocations of a step must be refused everywhere."""
PATIENCE = 60.0
DEFAULT = {"postgres": [4, 40, 200], "nats": [4, 100, 500, 2_000]}
TRANSACTIONS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'api'"
REVOKE = "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')"


@lru_cache(maxsize=8_192)
def caller(session: str) -> Principal:
    claims = {"iss": "https://idp.test", "sub": "someone", "sid": session, "ver": 0}
    return Principal.from_claims(claims | {"iat": 1_790_000_000, "exp": 2**31})


def feed_at(address: str) -> RevocationFeed:
    return NatsRevocationFeed(NatsAccess(address)) if address.startswith("nats:") else PostgresRevocationFeed(address)


class Follower:
    """Counts down, for each revocation in turn, when this feed refuses it."""

    def __init__(self, feed: RevocationFeed, name: str, left: list[int]) -> None:
        self._feed = feed
        self._name = name
        self._left = left
        self._next = 0
        feed.subscribe(self.changed)

    def changed(self) -> None:
        while self._next < len(self._left) and self._feed.is_revoked(caller(f"{self._name}.{self._next}")):
            self._left[self._next] -= 1
            if self._left[self._next] == 0:
                print(self._next, time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
            self._next += 1


async def follow(address: str, name: str, followers: int, revocations: int) -> None:
    """What one of the processes does. Prints `ready`, and when each revocation is refused by all of its followers."""
    left = [followers] * revocations
    feeds = [feed_at(address) for _ in range(followers)]
    kept = [Follower(feed, name, left) for feed in feeds]
    async with AsyncExitStack() as stack:
        for feed in feeds:
            await stack.enter_async_context(feed)
        await asyncio.gather(*(feed.refresh() for feed in feeds))
        print("ready", len(kept), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


class Reports:
    """When each process said that a revocation is refused by all of its followers."""

    def __init__(self, outputs: Sequence[IO[str]]) -> None:
        self._processes = len(outputs)
        self._times: dict[int, list[float]] = {}
        self._changed = threading.Condition()
        for output in outputs:
            threading.Thread(target=self._read, args=(output,), daemon=True).start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            number, at = line.split()
            with self._changed:
                self._times.setdefault(int(number), []).append(float(at))
                self._changed.notify_all()

    def wait(self, number: int) -> float:
        """When the last follower refused it. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._times.get(number, ())) == self._processes, PATIENCE):
                raise TimeoutError(f"revocation {number} was not refused everywhere within {PATIENCE:g} s")
            return max(self._times[number])


@dataclass(frozen=True)
class Figures:
    """`milliseconds` and `transactions` (for each revocation) at one revocation a second; `most` a second."""

    milliseconds: list[float]
    transactions: float
    connections: int
    most: int


@contextmanager
def nats_and_publisher(urls: DatabaseUrls, folder: Path) -> Iterator[str]:
    """The address of a NATS server that a publisher writes to."""
    port = free_port()
    data = folder / f"nats.{port}"
    address = f"nats://127.0.0.1:{port}"
    serving = [str(BIN / "nats-server"), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(data)]
    publishing = [sys.executable, "-m", "resource_server", "publish"]
    environment = {"DATABASE_URL": urls.api, "NATS_URL": address}
    with ExitStack() as stack:
        for command in (serving, publishing):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield address


@contextmanager
def following(address: str, name: str, followers: int, revocations: int) -> Iterator[Reports]:
    """So many followers in a few processes, each with a complete view."""
    parts = [followers // PROCESSES + (number < followers % PROCESSES) for number in range(PROCESSES)]
    command = [sys.executable, "-m", "scripts.bench.followers", "follow", address, name]
    with ExitStack() as stack:
        outputs = []
        for part in filter(None, parts):
            process = subprocess.Popen(
                [*command, str(part), str(revocations)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            if process.stdout:
                outputs.append(process.stdout)
        for output in outputs:
            if not output.readline().startswith("ready"):
                raise RuntimeError(f"{followers} followers did not get ready")
        yield Reports(outputs)


def revoke_at(owner: psycopg.Connection, reports: Reports, name: str, numbers: range, rate: float) -> list[float]:
    """Milliseconds from each commit to the last follower, at `rate` revocations a second. Raises TimeoutError."""
    committed = []
    began = time.monotonic()
    for count, number in enumerate(numbers):
        time.sleep(max(0.0, began + count / rate - time.monotonic()))
        owner.execute(REVOKE, (f"{name}.{number}",))
        committed.append(time.clock_gettime(time.CLOCK_MONOTONIC))
    if time.monotonic() - began > 1.2 * len(numbers) / rate:
        raise TimeoutError(f"the database does not take {rate:g} a second")
    return [(reports.wait(number) - at) * 1000 for number, at in zip(numbers, committed, strict=True)]


def measure(urls: DatabaseUrls, address: str, followers: int, revocations: int) -> Figures:
    name = secrets.token_hex(4)
    steps = [rate * SECONDS_OF_A_STEP for rate in STEPS]
    with (
        following(address, name, followers, revocations + sum(steps)) as reports,
        psycopg.connect(urls.owner, autocommit=True) as owner,
    ):
        before = number_of(owner, TRANSACTIONS)
        milliseconds = revoke_at(owner, reports, name, range(revocations), 1)
        load = (number_of(owner, TRANSACTIONS) - before) / revocations
        connections = number_of(owner, CONNECTIONS)
        first, most = revocations, 1
        for rate, count in zip(STEPS, steps, strict=True):
            try:
                late = percentile(revoke_at(owner, reports, name, range(first, first + count), rate), 0.99)
            except TimeoutError:
                break
            if late > SUSTAINED:
                break
            first, most = first + count, rate
        return Figures(milliseconds, load, connections, most)


def number_of(owner: psycopg.Connection, query: str) -> int:
    row = owner.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def fitted(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The line of least squares through (followers, milliseconds): at none, and for each follower."""
    count = len(points)
    followers, milliseconds = (sum(values) / count for values in zip(*points, strict=True))
    spread = sum((x - followers) ** 2 for x, _ in points)
    slope = sum((x - followers) * (y - milliseconds) for x, y in points) / spread
    return milliseconds - slope * followers, slope


def main(arguments: Sequence[str]) -> None:
    chosen = dict(argument.split("=", 1) for argument in arguments)
    revocations = int(chosen.pop("revocations", REVOCATIONS))
    wanted = {name: [int(number) for number in numbers.split(",")] for name, numbers in chosen.items()} or DEFAULT
    rows, points = [], {name: list[tuple[int, float]]() for name in wanted}
    with (
        tempfile.TemporaryDirectory(prefix="bench") as folder,
        embedded_database(Path(folder), ["max_connections = 400"]) as urls,
    ):
        prepare(urls)
        for name, numbers in wanted.items():
            for number in numbers:
                with nats_and_publisher(urls, Path(folder)) if name == "nats" else nullcontext(urls.api) as address:
                    found = measure(urls, address, number, revocations)
                middle, late = percentile(found.milliseconds, 0.5), percentile(found.milliseconds, 0.99)
                points[name].append((number, middle))
                shown = (f"{middle:.1f}", f"{late:.1f}", f"{found.transactions:.1f}", f"{found.connections}")
                rows.append((name, f"{number:,}", *shown, f"{found.most:,}"))
                print("  ".join(rows[-1]), flush=True)
    header = ("transport", "followers", "p50 ms", "p99 ms", "transactions each", "connections", "most a second")
    print_table("From commit to refused by every follower; everything on this machine", header, rows)
    for name, measured in points.items():
        if len(measured) > 1:
            base, slope = fitted(measured)
            print(f"\n  {name}: about {base:.0f} ms and {slope:.3f} ms a follower")


if __name__ == "__main__":
    if sys.argv[1:2] == ["follow"]:
        asyncio.run(follow(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
    else:
        main(sys.argv[1:])
