"""The IdP, the database or the API goes away: an outage is a 503, never a 401 or a 500, and it heals by itself."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from scripts.database import embedded_database
from scripts.embedded import embedded_server
from scripts.stack.isolated import RunningStack, prepared_stack
from tests.system.eventually import eventually
from tests.system.people import form, sign_up

STARVED = 7.0
"""Seconds; more than uvicorn allows unless told otherwise."""


@pytest.fixture
def idle(folder: Path) -> Iterator[RunningStack]:
    with embedded_database(folder / "postgres") as urls, prepared_stack(folder, urls) as stack:
        yield stack


def me(stack: RunningStack, token: str) -> httpx.Response:
    return httpx.get(f"{stack.api}/api/me", headers={"Authorization": f"Bearer {token}"}, timeout=15)


def test_the_api_waits_for_an_idp_that_comes_later_and_survives_its_loss(idle: RunningStack) -> None:
    idle.launch("api")
    idle.wait_ready("api", f"{idle.api}/healthz")
    eventually(lambda: "503" in status_of(f"{idle.api}/readyz"))
    not_ready = idle.ask_management("/readyz")
    assert "keys" in not_ready.text
    assert httpx.get(f"{idle.api}/healthz").status_code == 200

    relayed = httpx.post(f"{idle.api}/api/auth/sign-up", json=form(), timeout=15)
    assert (relayed.status_code, relayed.json()["code"]) == (503, "identity_provider_unavailable")
    assert int(relayed.headers["retry-after"]) > 0

    idle.start("web")
    with sign_up(idle.web) as person:
        assert me(idle, person.token).status_code == 200, "the first good token, without a restart"

        idle.stop("web", signal.SIGKILL)
        assert me(idle, person.token).status_code == 200, "known keys go on verifying"


def status_of(url: str) -> str:
    try:
        return str(httpx.get(url).status_code)
    except httpx.TransportError:
        return ""


@pytest.mark.long
def test_a_lost_database_is_an_outage_and_recovers(idle: RunningStack, folder: Path) -> None:
    idle.start("web", "api")
    server = embedded_server(folder / "postgres")
    with sign_up(idle.web) as person:
        server.stop()
        for answer in (
            httpx.post(f"{idle.web}/api/auth/sign-up", json=form(), timeout=30),
            httpx.post(
                f"{idle.api}/api/auth/sign-in", json={"email": person.email, "password": "Corr3ctHorse"}, timeout=30
            ),
            httpx.get(f"{idle.api}/api/notes", headers=person.bearer, timeout=30),
            person.client.get("/api/auth/get-session", timeout=30),
        ):
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            assert "postgres" not in answer.text.lower()
        for path in ("/", "/sign-up", "/sign-in?reason=ended", "/forgot-password"):
            assert person.client.get(path, timeout=30).status_code == 200, path
        for path in ("/account", "/notes"):
            page = person.client.get(path, timeout=30)
            assert (page.status_code, page.headers.get("retry-after")) == (503, "5"), path
        server.ensure_postgres_running()
        idle.wait_ready("api")
        assert me(idle, person.token).status_code == 200
        assert httpx.get(f"{idle.api}/api/notes", headers=person.bearer, timeout=15).status_code == 200
        assert httpx.post(f"{idle.web}/api/auth/sign-up", json=form(), timeout=15).status_code == 200


def test_the_browsers_way_to_a_lost_api_is_an_outage(idle: RunningStack) -> None:
    idle.start("web", "api")
    with sign_up(idle.web) as person:
        assert person.client.get("/api/backend/me").status_code == 200
        idle.stop("api", signal.SIGKILL)
        answer = person.client.get("/api/backend/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "api_unavailable")
        idle.start("api")
        assert person.client.get("/api/backend/me").status_code == 200


@pytest.mark.long
def test_a_worker_that_gets_no_processor_time_for_some_seconds_is_not_replaced(idle: RunningStack) -> None:
    idle.start("web", "api")
    workers = psutil.Process(idle.running["api"].pid).children()
    for worker in workers:
        worker.suspend()
    time.sleep(STARVED)
    for worker in workers:
        worker.resume()
    idle.wait_ready("api")
    assert psutil.Process(idle.running["api"].pid).children() == workers
