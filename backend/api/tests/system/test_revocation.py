"""The end of a session has been answered: no worker lets its token in any more, not even once.

`python -m scripts.bench.revocation proof` does the same 10,000 times.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.bench.holders import Holder, populate
from scripts.bench.proof import ENDS, WORKERS, prove
from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder

PART = 20
"""One in so many of the full proof."""


@pytest.fixture(scope="module")
def four_workers(stack: RunningStack) -> Iterator[RunningStack]:
    with short_lived_folder() as folder, prepared_stack(Path(folder), stack.urls, workers=WORKERS) as started:
        started.start("web", "api")
        yield started


@pytest.fixture(scope="module")
def admin(four_workers: RunningStack) -> Holder:
    return populate(four_workers, 1, role="admin")[0]


@pytest.mark.parametrize("name", ENDS)
def test_no_worker_accepts_the_token_afterwards(four_workers: RunningStack, admin: Holder, name: str) -> None:
    number = ENDS[name][1] // PART
    assert prove(four_workers, name, number, admin) == Counter({"token_revoked": number * WORKERS})
