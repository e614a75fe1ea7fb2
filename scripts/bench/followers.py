"""From commit to refused by every follower, by transport and number of followers.

Run from the repository's root: python -m scripts.bench.followers [postgres=4,40] [nats=4,100,500] [revocations=50]. The
followers share a few processes on this machine with Postgres, NATS and the publisher; each has a connection of its own.
Postgres takes 80 at most as it is configured here.
"""

import asyncio
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

import psycopg

from resource_server.revocation import NatsAccess, NatsRevocationFeed, PostgresRevocationFeed, RevocationFeed
from resource_server.verification.principal import Principal
from scripts.bench.denylist import prepare
from scripts.bench.table import print_table
from scripts.burst import percentile
from scripts.database import DatabaseUrls, embedded_database
from scripts.paths import BIN, ROOT
from scripts.stack.isolated import free_port

PROCESSES = 4
PAUSE = 0.2
REVOCATIONS = 50
DEFAULT = {"postgres": [4, 40], "nats": [4, 100, 500]}
QUERIES = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


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


@contextmanager
def nats_and_publisher(urls: DatabaseUrls, folder: Path) -> Iterator[str]:
    """The address of a NATS server that a publisher writes to."""
    port = free_port()
    address = f"nats://127.0.0.1:{port}"
    serving = [str(BIN / "nats-server"), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder / "nats")]
    publishing = [sys.executable, "-m", "resource_server", "publish"]
    environment = {"DATABASE_URL": urls.api, "NATS_URL": address}
    with ExitStack() as stack:
        for command in (serving, publishing):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield address


def measure(urls: DatabaseUrls, address: str, followers: int, revocations: int) -> tuple[list[float], float]:
    """Milliseconds from each commit to the last follower, and transactions of the database for each revocation."""
    parts = [followers // PROCESSES + (number < followers % PROCESSES) for number in range(PROCESSES)]
    name = secrets.token_hex(4)
    command = [sys.executable, "-m", "scripts.bench.followers", "follow", address, name]
    with ExitStack() as stack, psycopg.connect(urls.owner, autocommit=True) as owner:
        processes = []
        for part in filter(None, parts):
            process = subprocess.Popen(
                [*command, str(part), str(revocations)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process)
        outputs = [process.stdout for process in processes if process.stdout]
        for output in outputs:
            if not output.readline().startswith("ready"):
                raise RuntimeError(f"{followers} followers did not get ready")
        milliseconds, before = [], transactions(owner)
        for number in range(revocations):
            owner.execute(
                "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 day')",
                (f"{name}.{number}",),
            )
            committed = time.clock_gettime(time.CLOCK_MONOTONIC)
            refused = max(float(output.readline().split()[1]) for output in outputs)
            milliseconds.append((refused - committed) * 1000)
            time.sleep(PAUSE)
        return milliseconds, (transactions(owner) - before) / revocations


def transactions(owner: psycopg.Connection) -> int:
    row = owner.execute(QUERIES).fetchone()
    return int(row[0]) if row else 0


def main(arguments: Sequence[str]) -> None:
    chosen = dict(argument.split("=", 1) for argument in arguments)
    revocations = int(chosen.pop("revocations", REVOCATIONS))
    wanted = {name: [int(number) for number in numbers.split(",")] for name, numbers in chosen.items()} or DEFAULT
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="bench") as folder,
        embedded_database(Path(folder)) as urls,
        ExitStack() as stack,
    ):
        prepare(urls)
        addresses = {"postgres": urls.api}
        if "nats" in wanted:
            addresses["nats"] = stack.enter_context(nats_and_publisher(urls, Path(folder)))
        for name, numbers in wanted.items():
            for number in numbers:
                milliseconds, load = measure(urls, addresses[name], number, revocations)
                middle, late = percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)
                rows.append((name, f"{number:,}", f"{middle:.1f}", f"{late:.1f}", f"{load:.1f}"))
    header = ("transport", "followers", "p50 ms", "p99 ms", "transactions each")
    print_table("From commit to refused by every follower; everything on this machine", header, rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["follow"]:
        asyncio.run(follow(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
    else:
        main(sys.argv[1:])
