"""What docs/faults.md says of what is around a stack that people use: network, NATS, disk and clock."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from scripts.database import DatabaseUrls, embedded_database
from scripts.embedded import embedded_server
from scripts.ports import free_port
from scripts.stack.isolated import RunningStack, prepared_stack
from scripts.stack.processes import Ports
from shared_fixtures.nats import SERVER, NatsServer
from tests.system.crowd import ASKED_FOR, BOUND, CALM, MINUTE, RESTART, Crowd
from tests.system.eventually import eventually
from tests.system.network import Weather, bad_network
from tests.system.people import Person, sign_up
from tests.system.publishers import access, publisher

pytestmark = pytest.mark.long


def test_a_slow_and_lossy_network_between_all_parts_is_at_most_an_outage(folder: Path) -> None:
    """Between browsers' way and the API, the API and the identity provider, and both and Postgres."""
    with embedded_database(folder / "postgres") as urls, bad_network() as network:
        socket = parse_qs(urlsplit(urls.owner).query)["host"][0] + "/.s.PGSQL.5432"
        database = network.port_to(lambda: asyncio.open_unix_connection(socket))
        through = DatabaseUrls(*(f"postgresql://{role}@127.0.0.1:{database}/app" for role in ("idp", "api")))
        ports = Ports(free_port(), free_port())
        web = network.port_to(lambda: asyncio.open_connection("127.0.0.1", ports.web))
        api = network.port_to(lambda: asyncio.open_connection("127.0.0.1", ports.api))
        settings = {
            "AUTH_REVOCATION_MAX_STALENESS": str(BOUND),
            "AUTH_JWKS_URL": f"http://127.0.0.1:{web}/api/auth/jwks",
            "IDP_URL": f"http://127.0.0.1:{web}",
            "API_URL": f"http://127.0.0.1:{api}",
        }
        with prepared_stack(folder, through, settings, ports=ports) as stack:
            stack.start("web", "api")
            with Crowd(stack, BOUND) as crowd:
                crowd.heal(within=30)
                network.weather = Weather()
                crowd.run_for(MINUTE / 2)
                seen = crowd.outcomes()
                network.weather = None
                crowd.heal(within=30)
    assert network.delayed > 1_000
    assert network.cut > 5
    assert crowd.told("wrong", "broken") == {}
    assert set(seen["token: me"]) == {"good"}, "what needs no other part goes on"


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


class Clock:
    """The wall clock of one service, which can be stepped while it runs. The monotonic one is left alone."""

    def __init__(self, folder: Path, stack: RunningStack, service: str) -> None:
        self._offset = folder / "offset"
        self._health = {"api": f"{stack.api}/healthz", "web": f"{stack.web}/api/healthz"}[service]
        self._offset.write_text("+0\n")
        stack.services[service].environment.update(
            {
                "LD_PRELOAD": str(libfaketime()),
                "FAKETIME_TIMESTAMP_FILE": str(self._offset),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        )

    def step_to(self, seconds: int) -> None:
        new = self._offset.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._offset)
        eventually(lambda: abs(self._ahead() - seconds) < 60)

    def _ahead(self) -> float:
        return parsedate_to_datetime(httpx.get(self._health).headers["date"]).timestamp() - time.time()


@pytest.mark.parametrize(("service", "step"), [("api", AN_HOUR), ("web", -AN_HOUR)])
def test_a_step_of_a_clock_by_an_hour_and_back_is_noticed_by_nobody(folder: Path, service: str, step: int) -> None:
    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as stack:
        clock = Clock(folder, stack, service)
        stack.start("web", "api")
        with Crowd(stack, BOUND) as crowd:
            crowd.heal(within=30)
            for seconds in (step, 0):
                clock.step_to(seconds)
                stepped = time.monotonic()
                crowd.run_for(2 * CALM)
                assert crowd.outcomes(since=stepped).keys() >= ASKED_FOR
    assert crowd.told("wrong", "outage", "broken") == {}


def test_while_the_identity_provider_s_clock_is_ahead_its_new_tokens_are_refused_and_no_others(folder: Path) -> None:
    def notes(person: Person) -> tuple[int, str]:
        answer = person.client.get("/api/backend/notes")
        return answer.status_code, str(answer.json().get("code"))

    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as stack:
        clock = Clock(folder, stack, "web")
        stack.start("web", "api")
        with sign_up(stack.web) as former:
            assert notes(former) == (200, "None")
            clock.step_to(AN_HOUR)
            with sign_up(stack.web) as newcomer:
                assert notes(newcomer) == (401, "token_invalid")
                assert "the claim iat is in the future" in stack.log("api")
                assert notes(former) == (200, "None")
                assert httpx.get(f"{stack.api}/api/me", headers=former.bearer).status_code == 200
                clock.step_to(0)
                assert notes(newcomer) == (200, "None"), "its session has a new token at once"


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, of some hundred megabytes."""
    mounted = folder / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("only root may make a small file system; the other test of a full disk runs anywhere")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def test_a_full_disk_under_postgres_is_an_outage_until_there_is_room(folder: Path, small_disk: Path) -> None:
    settings = {"AUTH_REVOCATION_MAX_STALENESS": str(BOUND)}
    with embedded_database(small_disk / "postgres") as urls, prepared_stack(folder, urls, settings) as stack:
        stack.start("web", "api")
        server = embedded_server(small_disk / "postgres")
        filler = small_disk / "filler"
        with psycopg.connect(server.get_uri(database="app"), autocommit=True) as rest, Crowd(stack, BOUND) as crowd:
            crowd.heal(within=30)
            fill(filler)
            full = time.monotonic()
            # Rooms that are there already are used up first: by new rows, and by what is written ahead.
            with suppress(psycopg.Error):
                rest.execute("CREATE TABLE public.rest AS SELECT repeat('x', 1000) FROM generate_series(1, 200000)")
            crowd.run_for(15)
            seen = crowd.outcomes(since=full + 5)
            filler.unlink()
            server.ensure_postgres_running()
            crowd.heal(within=30)
    assert crowd.told("wrong", "broken") == {}
    assert seen["token: new note"]["outage"] > 0
    assert set(seen["page"]) == {"good"}


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 65_536)
