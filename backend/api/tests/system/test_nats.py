"""The whole stack with a NATS server and a publisher: an API that follows NATS refuses a token at the sign-out."""

import asyncio
import signal
from collections.abc import Iterator

import httpx
import pytest

from resource_server.doctor.finding import exit_status, report
from scripts.doctor.__main__ import examine
from scripts.doctor.in_use import InUse
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder
from tests.system.eventually import eventually
from tests.system.people import Person, sign_up

pytestmark = pytest.mark.long
BOUND = 3


@pytest.fixture(scope="module")
def with_nats() -> Iterator[RunningStack]:
    settings = {"REVOCATION_FEED": "nats", "AUTH_REVOCATION_MAX_STALENESS": str(BOUND)}
    with short_lived_folder() as folder, running_stack(folder, settings) as running:
        yield running


def outcome(stack: RunningStack, person: Person) -> str:
    answer = httpx.get(f"{stack.api}/api/me", headers=person.bearer, timeout=15)
    return "accepted" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['code']}"


def readiness(stack: RunningStack) -> str:
    return str(stack.ask_management("/readyz").json()["checks"]["revocations"])


def doctor(stack: RunningStack) -> tuple[int, str]:
    sides = (
        {name: value for name, value in stack.services[side].environment.items() if value} for side in ("web", "api")
    )
    findings = asyncio.run(examine(InUse(*sides)))
    return exit_status(findings), report(findings)


def test_a_token_is_refused_as_soon_as_the_sign_out_is_answered(with_nats: RunningStack) -> None:
    assert with_nats.ask_management("/readyz").json()["revocations"]["transport"] == "nats"
    for _ in range(10):
        with sign_up(with_nats.web) as person:
            assert outcome(with_nats, person) == "accepted"
            assert person.client.post("/api/session/sign-out").status_code == 204
            assert [outcome(with_nats, person) for _ in range(4)] == ["401 token_revoked"] * 4


def test_the_doctor_finds_nothing_wrong_and_sees_a_token_revoked(with_nats: RunningStack) -> None:
    status, said = doctor(with_nats)
    assert status == 0, said
    assert "Revocation feed over NATS: a publisher answers" in said
    assert "revoked and refused there; revoking took" in said


def test_without_a_publisher_it_refuses_after_the_bound_and_recovers(with_nats: RunningStack) -> None:
    with sign_up(with_nats.web) as person, sign_up(with_nats.web) as leaver:
        assert leaver.client.post("/api/session/sign-out").status_code == 204
        with_nats.stop("publisher", signal.SIGKILL)
        assert outcome(with_nats, person) == "accepted"
        _, said = doctor(with_nats)
        assert "no publisher answers for the stream revocations" in said
        eventually(lambda: outcome(with_nats, person) == "503 revocation_stale")
        assert outcome(with_nats, leaver) == "401 token_revoked", "what is known to be revoked stays revoked"
        eventually(lambda: "no publisher answers" in readiness(with_nats))

        with_nats.start("publisher")
        eventually(lambda: outcome(with_nats, person) == "accepted")
        eventually(lambda: readiness(with_nats) == "ok")


def test_a_nats_server_that_is_away_and_back_loses_no_revocation(with_nats: RunningStack) -> None:
    with sign_up(with_nats.web) as person, sign_up(with_nats.web) as leaver:
        with_nats.stop("nats", signal.SIGKILL)
        _, said = doctor(with_nats)
        assert "start NATS, or correct host and port of NATS_URL" in said
        assert leaver.client.post("/api/session/sign-out").status_code == 204
        eventually(lambda: outcome(with_nats, person) == "503 revocation_stale")

        with_nats.start("nats")
        eventually(lambda: outcome(with_nats, person) == "accepted")
        assert outcome(with_nats, leaver) == "401 token_revoked"
