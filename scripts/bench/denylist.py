"""What the list of revocations costs a process: memory, time to load, look-up, pauses, and time from commit to refusal.

Run from the repository's root: python -m scripts.bench.denylist [rows ...]
"""

import asyncio
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from resource_server.revocation import PostgresRevocationFeed, RevocationFeed
from resource_server.verification.principal import Principal
from scripts.database import DatabaseUrls, embedded_database
from scripts.paths import BACKEND, FRONTEND, RUN_SOURCE

BATCH = 500_000
LOOKUPS = 200_000
COMMITS = 500
ROUNDS = 5

Figures = dict[str, float]


def prepare(urls: DatabaseUrls) -> None:
    """The tables and the feed, as migrations leave them."""
    printing = [*RUN_SOURCE, "scripts/revocation-sql.ts", str(30 * 86_400), "api"]
    feed = subprocess.run(printing, cwd=FRONTEND, check=True, capture_output=True).stdout
    with psycopg.connect(urls.owner) as owner:
        owner.execute("CREATE ROLE api LOGIN")
        owner.execute((BACKEND / "shared_fixtures/auth_schema.sql").read_bytes())
        owner.execute(feed)


def revoke(urls: DatabaseUrls, rows: int) -> None:
    """``rows`` sessions have ended; session i has the id md5(i)."""
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE auth.revocation")
        for start in range(0, rows, BATCH):
            owner.execute(
                "INSERT INTO auth.revocation (sid, expires_at)"
                " SELECT md5(i::text), now() + interval '1 day' + interval '29 days' * random()"
                " FROM generate_series(%s::bigint, %s::bigint) i",
                (start, min(start + BATCH, rows) - 1),
            )
        owner.execute("VACUUM ANALYZE auth.revocation")


def resident() -> float:
    """Of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def caller(subject: str, session_id: str) -> Principal:
    claims = {
        "iss": "https://idp.test",
        "sub": subject,
        "sid": session_id,
        "ver": 0,
        "iat": 0,
        "exp": 2**31,
    }
    return Principal.from_claims(claims)


def nanoseconds(look_up: Callable[[Principal], bool], sessions: list[str]) -> float:
    """The best of some rounds: what else the machine does only adds."""
    callers = [caller(subject, session) for subject, session in zip(sessions[::-1], sessions, strict=True)]
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for principal in callers:
            look_up(principal)
        best = min(best, time.perf_counter() - started)
    return best / len(sessions) * 1e9


def look_ups(feed: RevocationFeed) -> Figures:
    def revoked(principal: Principal) -> bool:
        return feed.is_revoked(principal)

    def nothing(principal: Principal) -> bool:
        return bool(principal.session_id)

    strangers = [secrets.token_hex(16) for _ in range(LOOKUPS)]
    regulars = strangers[:100] * (LOOKUPS // 100)
    empty = nanoseconds(nothing, strangers)
    return {
        "look-up, each another token, ns": nanoseconds(revoked, strangers) - empty,
        "look-up, 100 tokens in turn, ns": nanoseconds(revoked, regulars) - empty,
    }


async def longest_pause(gaps: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0)
        gaps.append(time.perf_counter() - before)
        await asyncio.sleep(0.001)


async def commit_to_refusal(feed: RevocationFeed, urls: DatabaseUrls) -> Figures:
    times = []
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as owner:
        for _ in range(COMMITS):
            session = secrets.token_hex(16)
            insert = "INSERT INTO auth.revocation (sid, expires_at) VALUES (%s, now() + interval '1 minute')"
            await owner.execute(insert, (session,))
            committed = time.perf_counter()
            while True:
                if feed.is_revoked(caller("u", session)):
                    break
                await asyncio.sleep(0)
            times.append(time.perf_counter() - committed)
    times.sort()
    return {
        "commit to refusal, p50, ms": times[len(times) // 2] * 1e3,
        "commit to refusal, p99, ms": times[len(times) * 99 // 100] * 1e3,
    }


async def measure(urls: DatabaseUrls) -> Figures:
    gaps: list[float] = []
    idle = resident()
    feed = PostgresRevocationFeed(urls.api)
    pauses = asyncio.create_task(longest_pause(gaps))
    started, started_cpu = time.perf_counter(), time.process_time()
    async with feed:
        await feed.refresh()
        figures: Figures = {
            "rows": feed.status().sessions,
            "load, s": time.perf_counter() - started,
            "load, s of this process's CPU": time.process_time() - started_cpu,
            "memory over idle, MB": resident() - idle,
            "longest pause of the loop, ms": max(gaps) * 1e3,
            "pause of the loop, p99, ms": sorted(gaps)[len(gaps) * 99 // 100] * 1e3,
        }
        pauses.cancel()
        return figures | look_ups(feed) | await commit_to_refusal(feed, urls)


def main(sizes: list[int]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench") as folder,
        embedded_database(Path(folder)) as urls,
    ):
        prepare(urls)
        columns = []
        for size in sorted(sizes):
            revoke(urls, size)
            columns.append(asyncio.run(measure(urls)))
    print(f"On {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    for name in columns[0]:
        print(f"{name:34}" + "".join(f"{column[name]:>14,.{0 if name == 'rows' else 2}f}" for column in columns))


if __name__ == "__main__":
    main([int(argument.replace("_", "")) for argument in sys.argv[1:]] or [0, 1_000_000])
