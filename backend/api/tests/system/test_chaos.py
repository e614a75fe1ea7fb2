"""Ten seconds of everything going wrong at once; `python -m scripts.bench.revocation chaos` does sixty."""

from pathlib import Path

import pytest

from scripts.bench.chaos import ENVIRONMENT, WORKERS, Chaos
from scripts.stack.isolated import running_stack

SECONDS = 10.0


@pytest.mark.long
def test_no_revocation_is_lost_and_none_is_late(folder: Path) -> None:
    with running_stack(folder, ENVIRONMENT, workers=WORKERS) as stack:
        outcome = Chaos(stack, folder / "postgres", SECONDS).run()

    assert outcome.late == 0, "a token was let in whose end had been committed for longer than the bound"
    assert outcome.missing == 0
    assert outcome.wronged == 0
    assert outcome.workers == WORKERS
    assert outcome.ended > SECONDS
    assert outcome.asked["let in"]
    assert outcome.asked["token_revoked"]
    assert set(outcome.disturbed) == {"connections cut", "worker killed", "Postgres crashed"}
