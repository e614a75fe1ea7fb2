"""What docs/faults.md says of what is around a stack that people use: NATS and the clock."""

import time
from contextlib import ExitStack, closing
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from scripts.database import embedded_database
from scripts.stack.isolated import RunningStack, prepared_stack
from shared_fixtures.nats import SERVER, NatsServer
from tests.system.crowd import ASKED_FOR, BOUND, CALM, RESTART, Crowd
from tests.system.eventually import eventually
from tests.system.publishers import access, publisher

pytestmark = pytest.mark.long


def test_nats_killed_and_without_its_data_is_an_outage_past_the_bound_and_lets_nobody_in(folder: Path) -> None:
    """And its publisher, killed and started again, is missed by nobody."""
    nats = NatsServer()
    settings = {"AUTH_REVOCATION_MAX_STALENESS": str(BOUND), "REVOCATION_FEED": "nats", **access(nats, SERVER)}
    nats.start()
    with (
        closing(nats),
        embedded_database(folder / "postgres") as urls,
        prepared_stack(folder, urls, settings) as stack,
        ExitStack() as publishers,
    ):
        first = publishers.enter_context(publisher(urls, nats))
        stack.start("web", "api")
        with Crowd(stack, BOUND) as crowd:
            crowd.heal(within=30)
            nats.stop()
            stopped = time.monotonic()
            crowd.run_for(BOUND + 15)
            late = crowd.outcomes(since=stopped + BOUND + 5)
            nats.lose_data()
            nats.start()
            crowd.heal(within=60)
            healed = time.monotonic()
            first.kill()
            crowd.run_for(RESTART)
            publishers.enter_context(publisher(urls, nats))
            crowd.run_for(BOUND + CALM)
            crowd.heal(within=30)
    assert crowd.told("outage", since=healed) == {}
    assert crowd.told("wrong", "broken") == {}
    assert set(crowd.outcomes(since=stopped, until=stopped + BOUND - 5)["token: me"]) == {"good"}
    assert set(late["token: me"]) == {"outage"}
    assert set(late["sign-up"]) == {"good"}, "the identity provider needs no NATS"


AN_HOUR = 3600


def libfaketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert found, "this test needs libfaketime (Debian: apt-get install libfaketime)"
    return found[0]


def test_a_step_of_the_api_s_clock_by_an_hour_and_back_is_noticed_by_nobody(folder: Path) -> None:
    offset = folder / "offset"

    def step(seconds: int, stack: RunningStack) -> None:
        new = folder / "new"
        new.write_text(f"{seconds:+d}\n")
        new.replace(offset)
        eventually(lambda: abs(ahead(stack) - seconds) < 60)

    def ahead(stack: RunningStack) -> float:
        return parsedate_to_datetime(httpx.get(f"{stack.api}/healthz").headers["date"]).timestamp() - time.time()

    offset.write_text("+0\n")
    preloaded = {
        "LD_PRELOAD": str(libfaketime()),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as stack:
        stack.services["api"].environment.update(preloaded)
        stack.start("web", "api")
        with Crowd(stack, BOUND) as crowd:
            crowd.heal(within=30)
            for seconds in (AN_HOUR, 0):
                step(seconds, stack)
                stepped = time.monotonic()
                crowd.run_for(2 * CALM)
                assert crowd.outcomes(since=stepped).keys() >= ASKED_FOR
    assert crowd.told("wrong", "outage", "broken") == {}
