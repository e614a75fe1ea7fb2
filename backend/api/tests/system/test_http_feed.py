"""An API that must not reach the identity provider's tables follows the revocations over HTTP."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.stack.isolated import RunningStack, prepared_stack
from tests.system.conftest import FEED_TOKEN
from tests.system.eventually import eventually
from tests.system.people import Person, sign_up

BOUND = 3
HEARTBEAT = 1
"""A third of the bound: how old the view may be already when the identity provider is lost."""


@pytest.fixture
def apart(stack: RunningStack, folder: Path) -> Iterator[RunningStack]:
    """A stack whose API reads the feed of its identity provider; not started."""
    with prepared_stack(folder, stack.urls, {"REVOCATION_FEED_TOKEN": FEED_TOKEN}) as prepared:
        prepared.services["api"].environment.update(
            REVOCATION_FEED="http",
            REVOCATION_FEED_URL=f"{prepared.web}/api/auth/revocations",
            AUTH_REVOCATION_MAX_STALENESS=str(BOUND),
        )
        yield prepared


def outcome(stack: RunningStack, person: Person) -> str:
    answer = httpx.get(f"{stack.api}/api/me", headers=person.bearer, timeout=15)
    return "accepted" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['code']}"


def revocations(stack: RunningStack) -> str:
    """What readiness says of them."""
    return str(stack.ask_management("/readyz").json()["checks"]["revocations"])


def test_a_token_is_refused_as_soon_as_the_sign_out_is_answered(apart: RunningStack) -> None:
    apart.start("web", "api")
    assert apart.ask_management("/readyz").json()["revocations"]["transport"] == "http"
    for _ in range(10):
        with sign_up(apart.web) as person:
            assert outcome(apart, person) == "accepted"
            assert person.client.post("/api/session/sign-out").status_code == 204
            assert [outcome(apart, person) for _ in range(4)] == ["401 token_revoked"] * 4


def test_without_the_identity_provider_it_refuses_after_the_bound_and_recovers(apart: RunningStack) -> None:
    apart.start("web", "api")
    with sign_up(apart.web) as person, sign_up(apart.web) as leaver:
        assert leaver.client.post("/api/session/sign-out").status_code == 204
        lost = time.monotonic()
        apart.stop("web", signal.SIGKILL)
        said = outcome(apart, person)
        assert said == "accepted" or time.monotonic() - lost > BOUND - HEARTBEAT
        eventually(lambda: outcome(apart, person) == "503 revocation_stale")
        # The other worker may have heard of the revocations up to a heartbeat later.
        eventually(lambda: "ago (http)" in revocations(apart))
        assert outcome(apart, leaver) == "401 token_revoked", "what is known to be revoked stays revoked"

        apart.start("web")
        eventually(lambda: outcome(apart, person) == "accepted")
        eventually(lambda: revocations(apart) == "ok")


def test_a_wrong_credential_is_never_ready(apart: RunningStack) -> None:
    apart.services["api"].environment["REVOCATION_FEED_TOKEN"] = FEED_TOKEN[::-1]
    apart.start("web")
    apart.launch("api")
    apart.wait_ready("api", f"{apart.api}/healthz")
    with sign_up(apart.web) as person:
        eventually(lambda: "forbidden" in revocations(apart))
        assert httpx.get(f"{apart.api}/readyz").status_code == 503
        answer = httpx.get(f"{apart.api}/api/me", headers=person.bearer, timeout=15)
    assert (answer.status_code, answer.json()["code"]) == (503, "revocation_stale")
    assert int(answer.headers["retry-after"]) > 0
