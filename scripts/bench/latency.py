"""From the commit that ends a session to the refusal of its token, over HTTP, at every worker."""

import random
import time

import psycopg

from scripts.bench.connections import Connection, connect_to_each
from scripts.bench.holders import populate
from scripts.bench.proof import WORKERS
from scripts.bench.table import print_table
from scripts.running import RunningStack

COMMITS = 1_000


def compare(stack: RunningStack, rows: int) -> None:
    """The stack holds `rows` revocations. From COMMIT to the refusal's arrival: the questions' time is included."""
    holders = populate(stack, COMMITS)
    workers = list(connect_to_each(stack.running["api"].pid, stack.ports.api, WORKERS).values())
    one: list[float] = []
    everywhere: list[float] = []
    with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
        for holder in holders:
            random.shuffle(workers)
            for worker in workers:
                if not worker.me(holder.token).let_in:
                    raise RuntimeError("refused before its end")
            owner.execute("DELETE FROM auth.session WHERE id = %s", [holder.session])
            committed = time.perf_counter()
            for number, worker in enumerate(workers):
                ask_until_refused(worker, holder.token)
                if number == 0:
                    one.append(time.perf_counter() - committed)
            everywhere.append(time.perf_counter() - committed)
    for worker in workers:
        worker.close()
    print_table(
        f"From commit to refusal, {WORKERS} workers, {rows:,} revocations held, {COMMITS:,} commits",
        ("refused by", "p50, ms", "p99, ms", "longest, ms"),
        [row("one worker", one), row("every worker", everywhere)],
    )


def ask_until_refused(worker: Connection, token: str) -> None:
    while not worker.me(token).revoked:
        pass


def row(name: str, times: list[float]) -> tuple[str, ...]:
    times.sort()
    places = (len(times) // 2, len(times) * 99 // 100, -1)
    return (name, *(f"{times[place] * 1e3:.1f}" for place in places))
