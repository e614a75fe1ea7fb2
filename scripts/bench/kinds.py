"""What a million revocations of each kind cost in memory, and what a look-up of a token then costs.

Run from the repository's root: python -m scripts.bench.kinds. Each kind in a process of its own.
"""

import gc
import multiprocessing
import secrets
import time
from collections.abc import Iterator

from resource_server.revocation import Denylist
from resource_server.revocation.kinds import Kind, Revocation
from resource_server.revocation.page import Page
from resource_server.verification.principal import Principal
from scripts.bench.denylist import resident
from scripts.bench.table import print_table

ROWS = 1_000_000
PAGE = 4_000
LOOKUPS = 100_000
ROUNDS = 7
EXPIRY = 2**31
ISSUED = 1_790_000_000

KINDS = ("sid", "min_ver", "jti", "client_id", "issued_before")


def pages(kind: str, rows: int) -> Iterator[Page]:
    """Pages as a feed has them, without a hint of how many rows will come."""
    for _ in range(0, rows, PAGE):
        names = [secrets.token_hex(16) for _ in range(PAGE)]
        page = Page(asked_at=0.0, cursor="1", reset=False, complete=True, max_token_life=1)
        if kind == "sid":
            page.sids.extend(names)
            page.sid_expires.extend([EXPIRY] * PAGE)
        elif kind == "min_ver":
            page.subs.extend(names)
            page.sub_min_vers.extend([1] * PAGE)
            page.sub_expires.extend([EXPIRY] * PAGE)
        else:
            claim, before = (Kind.SUBJECT, ISSUED) if kind == "issued_before" else (Kind(kind), 0)
            page.others.extend(Revocation(claim, name, EXPIRY, before) for name in names)
        yield page


def callers() -> list[Principal]:
    common = {"iss": "https://idp.test", "ver": 0, "iat": ISSUED, "exp": EXPIRY}
    return [
        Principal.from_claims(
            common
            | {"sub": secrets.token_hex(16), "sid": secrets.token_hex(16), "jti": secrets.token_hex(16)}
            | {"client_id": secrets.token_hex(8)}
        )
        for _ in range(LOOKUPS)
    ]


def nanoseconds(denylist: Denylist, asked: list[Principal]) -> float:
    """Of processor time for each look-up: the best of some rounds, as what else the machine does only adds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for principal in asked:
            denylist.is_revoked(principal)
        best = min(best, time.process_time() - started)
    return best / len(asked) * 1e9


def measure(kind: str) -> tuple[float, float, float]:
    """Memory in MB, nanoseconds of a look-up with the list, and with an empty one."""
    asked = callers()
    denylist = Denylist(clock=lambda: 0.0)
    empty = nanoseconds(denylist, asked)
    gc.collect()
    before = resident()
    for page in pages(kind, ROWS):
        denylist.add(page)
    gc.collect()
    memory = resident() - before
    return memory, nanoseconds(denylist, asked), empty


def main() -> None:
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        rows = pool.map(measure, KINDS, chunksize=1)
    print_table(
        f"{ROWS:,} revocations of one kind, and the look-up of a token that none concerns",
        ("kind", "MB", "ns", "ns, empty list"),
        [(kind, *(f"{figure:.0f}" for figure in row)) for kind, row in zip(KINDS, rows, strict=True)],
    )


if __name__ == "__main__":
    main()
