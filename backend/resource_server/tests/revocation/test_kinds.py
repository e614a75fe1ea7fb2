"""Revocations of tokens, clients, and of tokens issued before a given time; and kinds that a reader does not know."""

import json
import sys
from typing import Any

import pytest

from resource_server.revocation import Denylist, FeedError
from resource_server.revocation.http import parse_page
from resource_server.revocation.page import Page
from tests.callers import caller

EXPIRY = 4_000_000_000
ISSUED = 1_800_000_000
ROWS: list[dict[str, Any]] = [
    {"jti": "stolen"},
    {"client_id": "leaked-app"},
    {"sub": "moved-on", "issued_before": ISSUED + 1},
    {"sub": "older", "issued_before": ISSUED},
    {"iss": "https://former.test", "issued_before": ISSUED + 1},
    {"sid": "ended"},
    {"sub": "changed", "min_ver": 2},
]


def page(*rows: dict[str, Any]) -> Page:
    answer = {
        "cursor": "c",
        "reset": True,
        "complete": True,
        "max_token_life": 1,
        "revocations": [{"expires_at": EXPIRY} | row for row in rows],
    }
    return parse_page(json.dumps(answer).encode(), 0)


@pytest.fixture
def denylist() -> Denylist:
    denylist = Denylist()
    denylist.add(page(*ROWS))
    return denylist


@pytest.mark.parametrize(
    "claims",
    [
        {"jti": "stolen"},
        {"client_id": "leaked-app"},
        {"subject": "moved-on"},
        {"iss": "https://former.test"},
        {"session_id": "ended"},
        {"subject": "changed", "version": 1},
    ],
    ids=str,
)
def test_each_kind_revokes_the_tokens_that_it_names(denylist: Denylist, claims: dict[str, Any]) -> None:
    assert denylist.is_revoked(caller(**claims))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"jti": "other"},
        {"jti": "leaked-app", "client_id": "stolen"},
        {"subject": "older"},
        {"subject": "moved-on", "iat": ISSUED + 1},
        {"iss": "https://former.test", "iat": ISSUED + 1},
        {"subject": "https://former.test"},
        {"iss": "moved-on"},
        {"subject": "changed"},
        {"subject": "changed", "version": 2},
        {"client_id": ["leaked-app"]},
    ],
    ids=str,
)
def test_a_token_without_the_claim_or_with_another_value_is_not_revoked(
    denylist: Denylist, claims: dict[str, Any]
) -> None:
    assert not denylist.is_revoked(caller(**claims))


def test_an_expired_revocation_of_any_kind_is_dropped_in_time() -> None:
    now = 1_000.0
    denylist = Denylist(clock=lambda: now)
    denylist.add(page(*({"jti": f"t{number}", "expires_at": 2_000} for number in range(100_000))))
    assert denylist.others == 100_000
    now = 3_000.0
    for _ in range(100):
        denylist.prune()
    assert denylist.others == 0


def test_a_token_is_revoked_from_effective_at_on() -> None:
    now = 1_800_000_000.0
    denylist = Denylist(clock=lambda: 0, wall=lambda: now)
    denylist.add(page({"jti": "renewed", "effective_at": 1_800_000_060}, {"jti": "stolen", "effective_at": 0}))
    assert not denylist.is_revoked(caller(jti="renewed"))
    assert denylist.is_revoked(caller(jti="stolen"))
    now += 59.9
    assert not denylist.is_revoked(caller(jti="renewed"))
    now += 0.2
    assert denylist.is_revoked(caller(jti="renewed"))


@pytest.mark.parametrize("moments", [(1_800_000_060, None), (None, 1_800_000_060), (1_800_000_060, 1_800_000_000)])
def test_of_several_times_the_earliest_counts(moments: tuple[int | None, ...]) -> None:
    denylist = Denylist(clock=lambda: 0, wall=lambda: 1_800_000_001.0)
    for moment in moments:
        denylist.add(page({"jti": "t"} | ({} if moment is None else {"effective_at": moment})))
    assert denylist.is_revoked(caller(jti="t"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "unknown_kind"),
        ({"device": "d1"}, "unknown_kind"),
        ({"sub": "u1"}, "malformed"),
        ({"sub": "u1", "device": "d1"}, "malformed"),
        ({"sub": "u1", "issued_before": "now"}, "malformed"),
        ({"sub": "u1", "issued_before": -1}, "malformed"),
        ({"iss": "https://idp.test"}, "malformed"),
        ({"jti": 5}, "malformed"),
        ({"client_id": None}, "malformed"),
        ({"jti": "t", "effective_at": "now"}, "malformed"),
        ({"jti": "t", "effective_at": -1}, "malformed"),
        ({"jti": "t", "effective_at": None}, "malformed"),
        ({"jti": "t", "effective_at": 2**32}, "malformed"),
    ],
    ids=str,
)
def test_an_unknown_kind_makes_the_reader_not_ready(row: dict[str, Any], code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        page({"sid": "ended"}, row)
    assert refusal.value.code == code


def test_a_look_up_makes_few_calls_whatever_kinds_were_revoked(denylist: Denylist) -> None:
    calls: list[str] = []
    principal = caller(session_id="s", version=2, jti="t", client_id="c")
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_qualname) if event == "call" else None)
    try:
        revoked = denylist.is_revoked(principal)
    finally:
        sys.setprofile(None)
    assert not revoked
    # Two for each of six tables.
    assert len(calls) <= 2 * 6 + 3, calls
