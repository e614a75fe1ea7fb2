"""Every time rule at its boundary, and the allowed values of claims."""

from dataclasses import replace
from typing import Any

import pytest

from resource_server.verification.claims import check_claims
from resource_server.verification.errors import TokenExpired, TokenInvalid
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule

NOW = 1_800_000_000
HOUR = 3_600
POLICY = Policy(issuer="https://idp.test", audience="https://api.test", leeway=30, max_token_life=HOUR)
TICK = 0.001


def _claims(**changes: object) -> dict[str, Any]:
    claims: dict[str, object] = {"iss": "https://idp.test", "aud": "https://api.test", "sub": "user-1", "iat": NOW}
    return claims | {"exp": NOW + HOUR} | changes


def _accepted(now: float, **changes: object) -> bool:
    check_claims(_claims(**changes), POLICY, now)
    return True


def _rule(now: float, **changes: object) -> Rule | None:
    with pytest.raises(TokenInvalid) as refusal:
        check_claims(_claims(**changes), POLICY, now)
    return refusal.value.rule


def test_exp_is_enforced_after_the_leeway() -> None:
    edge = NOW + HOUR + POLICY.leeway
    assert _accepted(edge - TICK)
    with pytest.raises(TokenExpired):
        check_claims(_claims(), POLICY, edge)


def test_iat_may_be_ahead_by_the_leeway_and_not_more() -> None:
    assert _accepted(NOW - POLICY.leeway)
    assert _rule(NOW - POLICY.leeway - TICK) is Rule.ISSUED_AT


def test_nbf_may_be_ahead_by_the_leeway_and_not_more() -> None:
    assert _accepted(NOW, nbf=NOW + POLICY.leeway)
    assert _rule(NOW, nbf=NOW + POLICY.leeway + TICK) is Rule.NOT_BEFORE


def test_the_life_may_be_the_maximum_and_not_longer() -> None:
    assert _accepted(NOW, exp=NOW + HOUR)
    assert _rule(NOW, exp=NOW + HOUR + TICK) is Rule.LIFETIME


def test_the_life_must_be_positive() -> None:
    assert _accepted(NOW, exp=NOW + TICK)
    assert _rule(NOW, exp=NOW) is Rule.LIFETIME


def test_without_leeway_every_edge_is_sharp() -> None:
    policy = replace(POLICY, leeway=0)
    check_claims(_claims(), policy, NOW + HOUR - TICK)
    check_claims(_claims(), policy, NOW)
    for now in (NOW + HOUR, NOW - TICK):
        with pytest.raises(TokenInvalid):
            check_claims(_claims(), policy, now)


def test_another_issuer_is_named_before_the_expiry() -> None:
    assert _rule(NOW + 10 * HOUR, iss="https://attacker.example") is Rule.ISSUER


def test_one_of_several_audiences_may_be_ours() -> None:
    assert _accepted(NOW, aud=["https://other.test", "https://api.test"])
    assert _rule(NOW, aud=["https://other.test"]) is Rule.AUDIENCE


@pytest.mark.parametrize("claim", ["sid", "ver", "jti", "team"])
def test_a_required_claim_must_be_there(claim: str) -> None:
    policy = replace(POLICY, required_claims=frozenset({claim}))
    check_claims(_claims(**{claim: 1 if claim == "ver" else "x"}), policy, NOW)
    with pytest.raises(TokenInvalid) as refusal:
        check_claims(_claims(), policy, NOW)
    assert refusal.value.rule is Rule.CLAIM_MISSING


def test_an_actor_is_named_by_its_sub() -> None:
    assert _accepted(NOW, act={"sub": "admin-1"})
    assert _accepted(NOW, act={"sub": "admin-1", "act": {"sub": "service-1"}})


@pytest.mark.parametrize("act", ["admin-1", None, [], {}, {"sub": 1}, {"sub": ""}, {"sub": "x" * 256}])
def test_an_actor_without_a_name_is_refused(act: object) -> None:
    assert _rule(NOW, act=act) is Rule.CLAIM_TYPE


@pytest.mark.parametrize("confirmation", [{"jkt": "x"}, {"x5t#S256": "x"}, {}, None])
def test_a_token_that_is_bound_to_a_key_is_refused(confirmation: object) -> None:
    assert _rule(NOW, cnf=confirmation) is Rule.CONFIRMATION


@pytest.mark.parametrize(("claim", "value"), [("exp", float("nan")), ("iat", float("inf")), ("ver", 2**63)])
def test_nan_and_numbers_out_of_range_are_refused(claim: str, value: float) -> None:
    assert _rule(NOW, **{claim: value}) is Rule.CLAIM_TYPE


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("issuer", ""),
        ("audience", ""),
        ("algorithms", frozenset()),
        ("algorithms", frozenset({"HS256"})),
        ("algorithms", frozenset({"none"})),
        ("leeway", -1),
        ("leeway", 301),
        ("max_token_life", 0),
        ("max_token_life", float("inf")),
        ("max_token_size", 0),
    ],
)
def test_an_unsafe_policy_is_refused_when_it_is_built(setting: str, value: object) -> None:
    settings: dict[str, Any] = {"issuer": "i", "audience": "a", setting: value}
    with pytest.raises(ValueError, match=setting):
        Policy(**settings)


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_either_name_of_eddsa_stands_for_both(name: str) -> None:
    assert replace(POLICY, algorithms=frozenset({name})).algorithms == {"EdDSA", "Ed25519"}
