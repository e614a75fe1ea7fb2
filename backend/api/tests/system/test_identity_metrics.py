"""The identity provider's metrics, of the running service."""

import re

import httpx

from scripts.stack.isolated import MANAGEMENT_TOKEN, RunningStack
from tests.system.people import form
from tests.test_observe import Series, assert_known, expressions_of

SAMPLE = re.compile(r"^([a-z][a-z0-9_]*)(?:\{(.*)\})? ", re.MULTILINE)
NAME = re.compile(r'([a-z_]+)="')
CREDENTIAL = {"Authorization": f"Bearer {MANAGEMENT_TOKEN}"}


def scraped(stack: RunningStack) -> str:
    answer = httpx.get(f"{stack.web}/api/metrics", headers=CREDENTIAL)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def use(stack: RunningStack) -> None:
    """Signs up and out."""
    token = httpx.post(f"{stack.web}/api/auth/sign-up", json=form(), timeout=15).json()["access_token"]
    held = {"Authorization": f"Bearer {token}"}
    assert httpx.post(f"{stack.web}/api/auth/sign-out", headers=held, timeout=15).status_code == 200


def test_dashboard_and_alerts_ask_for_what_the_identity_provider_has(stack: RunningStack) -> None:
    use(stack)
    series: Series = {"up": set()}
    for name, labels in SAMPLE.findall(scraped(stack)):
        series.setdefault(name, set()).update(NAME.findall(labels))
    names = expressions_of("notes-web")
    assert len(names) > 10
    for name in names:
        assert_known(name, "notes-web", series)


def test_what_people_do_is_counted_and_no_address_that_they_make_up(stack: RunningStack) -> None:
    counted = (
        'http_requests_total{method="POST",route="/api/auth/sign-up",status="200"}',
        'identity_actions_total{action="sign_out",outcome="done"}',
        'identity_revocation_wait_seconds_count{outcome="in_force"}',
        "identity_revocations_total",
    )
    before = scraped(stack)
    use(stack)
    for path in ("/api/auth/nothing-like-it", "/nothing-like-it", "/api/nothing-like-it"):
        httpx.get(f"{stack.web}{path}")
    after = scraped(stack)
    for series in counted:
        assert number(after, series) > number(before, series), series
    assert "nothing-like-it" not in after
    assert number(after, "identity_revocation_listeners") >= 2, "the API's two workers"
    assert number(after, 'identity_admission_requests{state="waiting"}') == 0


def test_a_stranger_sees_none(stack: RunningStack) -> None:
    for headers in ({}, {"Authorization": "Bearer another"}):
        answer = httpx.get(f"{stack.web}/api/metrics", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def number(text: str, series: str) -> float:
    found = [line for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0
