"""Revocation, measured on a stack of its own. From the repository's root: python -m scripts.bench.revocation [part ...]

proof: 10,000 ended sessions, each asked for at every worker the moment its end is answered.
"""

import sys
import time
from collections.abc import Callable

from scripts.bench.holders import populate
from scripts.bench.proof import ENDS, WORKERS, prove
from scripts.running import RunningStack, running_stack, short_lived_folder


def proof(stack: RunningStack) -> None:
    admin = populate(stack, 1, role="admin")[0]
    print(f"{'ended by':30}{'sessions':>10}{'let in':>10}  answers of {WORKERS} workers")
    for name, (_, number) in ENDS.items():
        started = time.monotonic()
        outcomes = prove(stack, name, number, admin)
        seconds = time.monotonic() - started
        print(f"{name:30}{number:>10,}{outcomes['let in']:>10}  {dict(outcomes)}  ({seconds:.0f} s)", flush=True)


PARTS: dict[str, Callable[[RunningStack], None]] = {"proof": proof}


def main(parts: list[str]) -> None:
    with short_lived_folder() as folder, running_stack(folder, workers=WORKERS) as stack:
        for part in parts:
            PARTS[part](stack)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PARTS))
