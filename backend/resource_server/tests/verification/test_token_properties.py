"""Properties of the verification, over generated inputs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import AlgorithmName, encode_json
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import parse_key_set
from resource_server.verification.rules import Rule
from tests.verifying import verify

CLOCK = FakeClock()
ISSUERS = {algorithm: FakeIssuer(algorithm=algorithm, clock=CLOCK) for algorithm in ("EdDSA", "RS256")}
KEYS = {name: parse_key_set(issuer.jwks, issuer.policy, {}).keys for name, issuer in ISSUERS.items()}
TOKENS = {name: issuer.token(scopes=("notes:read",)) for name, issuer in ISSUERS.items()}

algorithms = st.sampled_from(["EdDSA", "RS256"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
claim_names = st.sampled_from(
    ["iss", "aud", "sub", "iat", "exp", "nbf", "jti", "sid", "ver", "scope", "roles", "email", "email_verified", "name"]
)


def _verify(algorithm: AlgorithmName, token: str) -> dict[str, Any]:
    return dict(verify(token, KEYS[algorithm], ISSUERS[algorithm].policy, CLOCK()))


def _judge(algorithm: AlgorithmName, token: str) -> dict[str, Any] | Rule | None:
    try:
        return _verify(algorithm, token)
    except TokenInvalid as refusal:
        return refusal.rule


@given(algorithm=algorithms, data=st.data())
def test_any_change_of_a_single_byte_is_refused(algorithm: AlgorithmName, data: st.DataObject) -> None:
    token = TOKENS[algorithm].encode()
    position = data.draw(st.integers(0, len(token) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda value: value != token[position]))
    changed = token[:position] + bytes([octet]) + token[position + 1 :]
    with pytest.raises(TokenInvalid):
        _verify(algorithm, changed.decode("latin-1"))


@pytest.mark.parametrize("algorithm", ISSUERS)
def test_the_change_of_any_character_to_its_neighbour_is_refused(algorithm: AlgorithmName) -> None:
    token = TOKENS[algorithm]
    for position, character in enumerate(token):
        changed = f"{token[:position]}{chr(ord(character) ^ 1)}{token[position + 1 :]}"
        with pytest.raises(TokenInvalid):
            _verify(algorithm, changed)


@given(algorithm=algorithms, name=claim_names, value=json_values)
def test_any_claim_round_trips_or_is_refused_by_a_named_rule(
    algorithm: AlgorithmName, name: str, value: object
) -> None:
    issuer = ISSUERS[algorithm]
    claims = issuer.claims() | {name: value}
    outcome = _judge(algorithm, issuer.keys[-1].token(claims))
    assert isinstance(outcome, Rule) or encode_json(outcome) == encode_json(claims)


@given(others=st.dictionaries(claim_names | st.text(), json_values))
def test_any_set_of_claims_round_trips_or_is_refused_by_a_named_rule(others: dict[str, object]) -> None:
    issuer = ISSUERS["EdDSA"]
    claims = issuer.claims() | others
    outcome = _judge("EdDSA", issuer.keys[-1].token(claims))
    assert isinstance(outcome, Rule) or encode_json(outcome) == encode_json(claims)


@given(
    token=st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}", fullmatch=True)
)
def test_any_text_is_refused_and_never_fails_otherwise(token: str) -> None:
    with pytest.raises(TokenInvalid):
        _verify("EdDSA", token)


@given(octets=st.binary())
def test_any_signed_octets_are_refused_or_verified_and_never_fail_otherwise(octets: bytes) -> None:
    key = ISSUERS["EdDSA"].keys[-1]
    with pytest.raises(TokenInvalid):
        _verify("EdDSA", key.sign(encode_json({"alg": "EdDSA", "kid": key.key_id}), octets))
    with pytest.raises(TokenInvalid):
        _verify("EdDSA", key.sign(octets, encode_json(ISSUERS["EdDSA"].claims())))


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_refusal_repeats_the_token(text: str) -> None:
    issuer = ISSUERS["EdDSA"]
    token = issuer.keys[-1].token(issuer.claims() | {"email": [text + "#secret"]})
    with pytest.raises(TokenInvalid) as refusal:
        _verify("EdDSA", token)
    said = f"{refusal.value} {refusal.value.reason} {refusal.value.headers} {refusal.value.problem}"
    assert "#secret" not in said
    assert all(part not in said for part in token.split("."))
