"""What the library knows of the claims, held against ``claims.schema.json``: the one place where they are defined."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from resource_server.server import ResourceServer
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.claims import TYPED_CLAIMS, check_claims
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.policy import Policy
from resource_server.verification.principal import Principal

SCHEMA = json.loads((Path(__file__).parents[4] / "shared-schema" / "claims.schema.json").read_text())
NAMES = sorted(SCHEMA["properties"])
NOW = 1_800_000_000
POLICY = Policy(issuer="https://issuer.test", audience="https://api.test")
CLAIMS: dict[str, Any] = {
    "iss": POLICY.issuer,
    "aud": POLICY.audience,
    "sub": "user-1",
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "token-1",
    "sid": "session-1",
    "ver": 0,
    "scope": "notes:read",
    "roles": ["user"],
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada",
    "act": {"sub": "admin-1"},
}
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers()), st.dictionaries(st.text(), st.none())
)
# Values that a token of this issuer never has and RFC 7519 allows: a list of audiences, times with fractions.
WIDER = {"aud": list, "iat": float, "exp": float}


def test_every_claim_of_the_schema_is_known_and_no_other() -> None:
    # RFC 7519 defines nbf; this issuer does not send it.
    assert {"nbf", *NAMES} == TYPED_CLAIMS


def test_every_claim_of_the_schema_is_a_field_of_the_caller() -> None:
    caller = Principal.from_claims(CLAIMS)
    fields = {name: getattr(caller, name) for name in (field.name for field in dataclasses.fields(Principal))}
    held = [*fields.values(), *(" ".join(value) for value in fields.values() if isinstance(value, frozenset))]
    for name in set(NAMES) - {"aud"}:
        value = CLAIMS[name]
        wanted = value["sub"] if name == "act" else " ".join(value) if isinstance(value, list) else value
        assert wanted in held, name


def test_the_example_and_the_fake_issuers_tokens_have_the_schemas_shape(fake_issuer: FakeIssuer) -> None:
    Draft202012Validator(SCHEMA).validate(CLAIMS)
    Draft202012Validator(SCHEMA).validate(dict(fake_issuer.claims()))
    check_claims(CLAIMS, POLICY, NOW)


@pytest.mark.parametrize("name", NAMES)
@given(value=ANYTHING)
def test_a_value_of_another_type_than_the_schemas_is_refused(name: str, value: object) -> None:
    schema = {"type": SCHEMA["properties"][name]["type"]}
    if Draft202012Validator(schema).is_valid(value) or isinstance(value, WIDER.get(name, ())):
        return
    with pytest.raises(TokenInvalid):
        check_claims({**CLAIMS, name: value}, POLICY, NOW)


def test_a_servers_required_claims_are_among_the_schemas(fake_issuer: FakeIssuer) -> None:
    server = ResourceServer(fake_issuer.settings)
    assert server.settings.policy.required_claims <= set(SCHEMA["required"])
