"""From the commit that ends a session to the refusal of its token, over HTTP.

A worker that is asked over and over until it refuses is busy with the questions, and so is the machine. Each token is
asked for once, some time after the commit: which share of them is refused by then?
"""

import time
from collections import Counter

import psycopg

from scripts.bench.connections import connect_to_each
from scripts.bench.holders import populate
from scripts.bench.proof import WORKERS
from scripts.bench.table import print_table
from scripts.stack.isolated import RunningStack

MILLISECONDS = (0, 1, 2, 3, 5, 7, 10, 15)
COMMITS = 200
"""For each of these times."""
REST = 0.03
"""Seconds from one commit to the next."""


def compare(stack: RunningStack, rows: int) -> None:
    """The stack holds `rows` revocations; its workers are asked in turn."""
    holders = populate(stack, len(MILLISECONDS) * COMMITS)
    workers = list(connect_to_each(stack.running["api"].pid, stack.ports.api, WORKERS).values())
    refused: Counter[int] = Counter()
    with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
        for number, holder in enumerate(holders):
            later = MILLISECONDS[number % len(MILLISECONDS)]
            worker = workers[number // len(MILLISECONDS) % WORKERS]
            if not worker.me(holder.token).let_in:
                raise RuntimeError("refused before its end")
            owner.execute("DELETE FROM auth.session WHERE id = %s", [holder.session])
            time.sleep(later / 1_000)
            refused[later] += worker.me(holder.token).revoked
            time.sleep(REST)
    for one in workers:
        one.close()
    print_table(
        f"From commit to refusal, {WORKERS} workers, {rows:,} revocations held, {len(holders):,} commits",
        ("request sent after, ms", "refused"),
        [(str(later), f"{refused[later] / COMMITS:.1%}") for later in MILLISECONDS],
    )
    for share in (0.5, 0.99):
        enough = [later for later in MILLISECONDS if refused[later] >= share * COMMITS]
        print(f"  p{share * 100:.0f}: " + (f"at most {enough[0]} ms" if enough else f"over {MILLISECONDS[-1]} ms"))
