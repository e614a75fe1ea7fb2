"""A protected route with no revocation held, with a million, and with a session look-up in Postgres instead."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import jwt
import psycopg

from scripts.bench.denylist import prepare, revoke
from scripts.bench.load import CONNECTIONS, measure
from scripts.bench.table import print_table, spread
from scripts.bench.throughput import cpu_seconds, pin
from scripts.bench.tokens import serving
from scripts.database import DatabaseUrls, embedded_database
from scripts.paths import ROOT
from scripts.stack.isolated import free_port

ROUNDS = 9
SECONDS = 2.0
PATIENCE = 30.0


@contextmanager
def service(origin: str, urls: DatabaseUrls) -> Iterator[tuple[int, int]]:
    """The port and the process of one that has loaded its revocations."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "scripts.bench.routes_app:app", "--port", str(port)]
    environment = {**os.environ, "BENCH_ORIGIN": origin, "BENCH_DATABASE_URL": urls.api}
    process = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Raises OSError when nobody listens in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def start_sessions(urls: DatabaseUrls, tokens: list[str]) -> None:
    """As the identity provider keeps them, for these tokens, open to the API's role."""
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    with psycopg.connect(urls.owner) as owner:
        owner.execute(
            """
            INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ('user-1', 'Ada', 'ada@example.com', true)
            """
        )
        owner.execute(
            """
            INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
            SELECT id, now() + interval '45 days', id, now(), 'user-1' FROM unnest(%s::text[]) id
            """,
            ([claim["sid"] for claim in claims],),
        )
        owner.execute("GRANT SELECT ON auth.session TO api")


def compare(folder: Path, rows: int) -> None:
    """One process each, in turns, on a core of its own where there are two."""
    with ExitStack() as opened:
        issuer = opened.enter_context(serving("EdDSA"))
        tokens = [issuer.token() for _ in range(CONNECTIONS)]
        empty, full = (opened.enter_context(embedded_database(folder / name)) for name in ("empty", "full"))
        for urls in (empty, full):
            prepare(urls)
            start_sessions(urls, tokens)
        revoke(full, rows)
        with_none, with_rows = (opened.enter_context(service(issuer.origin, urls)) for urls in (empty, full))
        ways = {
            "the list, nothing revoked": (with_none, "/list"),
            f"the list, {rows:,} revoked": (with_rows, "/list"),
            "a session look-up, SQLAlchemy": (with_none, "/orm"),
            "a session look-up, one statement": (with_none, "/statement"),
        }
        for _, process in (with_none, with_rows):
            pin(process, 0)
        pin(0, 1)
        rounds: dict[str, list[float]] = {name: [] for name in ways}
        costs: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS + 1):
            for name, ((port, process), path) in ways.items():
                before = cpu_seconds(process)
                figure = measure(port, path, tokens, SECONDS)
                if number > 0:
                    rounds[name].append(figure)
                    costs[name].append((cpu_seconds(process) - before) / (figure * SECONDS) * 1e6)
    report(rounds, costs)


def report(rounds: dict[str, list[float]], costs: dict[str, list[float]]) -> None:
    base, base_cost = next(iter(rounds.values())), next(iter(costs.values()))
    print_table(
        "A protected route over HTTP, one process: requests a second, and against the first",
        ("protected by", "requests a second", "of the first", "CPU us a request", "of the first, by CPU"),
        [
            (
                name,
                spread(rounds[name], 0),
                spread([figure / first for figure, first in zip(rounds[name], base, strict=True)]),
                spread(costs[name], 0),
                spread([first / cost for cost, first in zip(costs[name], base_cost, strict=True)]),
            )
            for name in rounds
        ],
    )
    held, *looked_up = list(rounds)[1:]
    for name in looked_up:
        times = [mine / other for mine, other in zip(rounds[held], rounds[name], strict=True)]
        print(f"  {held}, is {spread(times, 1)} times as fast as {name}")
