"""Revocation, measured on a stack of its own. From the repository's root: python -m scripts.bench.revocation [part ...]

latency: from commit to refusal with a million revocations held. routes: what holding them costs a request, and what a
look-up in Postgres would. chaos: sixty seconds of everything going wrong. proof: 10,000 ended sessions, each asked for
at every worker the moment its end is answered.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.bench import chaos, latency, routes
from scripts.bench.denylist import revoke
from scripts.bench.holders import populate
from scripts.bench.proof import ENDS, WORKERS, prove
from scripts.stack.isolated import running_stack, short_lived_folder

ROWS = 1_000_000


def measure_latency(folder: Path) -> None:
    with running_stack(folder, workers=WORKERS) as stack:
        stack.stop("api")
        revoke(stack.urls, ROWS)
        stack.start("api")
        latency.compare(stack, ROWS)


def measure_routes(folder: Path) -> None:
    routes.compare(folder, ROWS)


def run_chaos(folder: Path) -> None:
    with running_stack(folder, chaos.ENVIRONMENT, workers=chaos.WORKERS) as stack:
        print(chaos.Chaos(stack, folder / "postgres", 60.0).run())


def run_proof(folder: Path) -> None:
    with running_stack(folder, workers=WORKERS) as stack:
        admin = populate(stack, 1, role="admin")[0]
        print(f"{'ended by':30}{'sessions':>10}{'let in':>10}  answers of {WORKERS} workers")
        for name, (_, number) in ENDS.items():
            started = time.monotonic()
            outcomes = prove(stack, name, number, admin)
            seconds = time.monotonic() - started
            print(f"{name:30}{number:>10,}{outcomes['let in']:>10}  {dict(outcomes)}  ({seconds:.0f} s)", flush=True)


PARTS: dict[str, Callable[[Path], None]] = {
    "latency": measure_latency,
    "routes": measure_routes,
    "chaos": run_chaos,
    "proof": run_proof,
}


def main(parts: list[str]) -> None:
    for part in parts:
        with short_lived_folder() as folder:
            PARTS[part](folder)


if __name__ == "__main__":
    main(sys.argv[1:] or ["latency", "routes"])
