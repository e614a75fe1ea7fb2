"""Tokens of well-known issuers, in the shapes that their documentation shows, against the ready-made settings."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import pytest

from resource_server import issuers
from resource_server.settings import ResourceServerSettings
from resource_server.testing.signing import AlgorithmName, SigningKey
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import parse_key_set
from resource_server.verification.principal import Principal
from resource_server.verification.profile import TokenProfile
from resource_server.verification.rules import Rule
from tests.verifying import verify

NOW = 1_800_000_000
API = "https://api.example.com"
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
KEYS: dict[AlgorithmName, SigningKey] = {
    algorithm: SigningKey.generate("key-1", algorithm) for algorithm in ("RS256", "EdDSA", "ES256")
}


@dataclass
class Case:
    """An issuer's settings, the claims of an access token, and what must not be taken for one."""

    settings: ResourceServerSettings
    claims: dict[str, Any]
    scopes: Set[str] = frozenset()
    roles: Set[str] = frozenset()
    session: str | None = None
    typ: str = "JWT"
    algorithm: AlgorithmName = "RS256"
    client: str | None = None
    others: tuple[dict[str, Any], ...] = ()
    """Changes that make another kind of token, or one for somebody else."""


KEYCLOAK = "https://sso.example.com/realms/main"
COGNITO = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aaaaaaaaa"
ID_TOKEN = {"nonce": "n-0S6_WzA2Mj", "aud": "client-1"}
CASES = {
    "better_auth": Case(
        issuers.better_auth("https://app.example.com", API),
        {"iss": "https://app.example.com", "aud": API, "sid": "s1", "ver": 2, "scope": "notes:read", "roles": ["user"]},
        {"notes:read"},
        {"user"},
        "s1",
        algorithm="EdDSA",
        others=({"aud": "https://app.example.com"}, {"ver": "2"}),
    ),
    "better_auth_oauth_provider": Case(
        issuers.better_auth_oauth_provider("https://app.example.com/api/auth", API),
        {
            "iss": "https://app.example.com/api/auth",
            "aud": [API, "https://app.example.com/api/auth/oauth2/userinfo"],
            "azp": "client-1",
            "scope": "openid notes:read",
            "sid": "s1",
        },
        {"openid", "notes:read"},
        set(),
        "s1",
        algorithm="EdDSA",
        client="client-1",
        others=(ID_TOKEN,),
    ),
    "keycloak": Case(
        issuers.keycloak(KEYCLOAK, "notes-api"),
        {
            "iss": KEYCLOAK,
            "aud": ["notes-api", "account"],
            "typ": "Bearer",
            "azp": "web",
            "sid": "0f3c",
            "acr": "1",
            "nonce": "of version 24 and before",
            "auth_time": NOW,
            "session_state": "0f3c",
            "allowed-origins": ["https://app.example.com"],
            "preferred_username": "ada",
            "realm_access": {"roles": ["offline_access", "user"]},
            "resource_access": {"account": {"roles": ["manage-account"]}},
            "scope": "openid email profile",
            "email_verified": False,
            "email": "ada@example.com",
        },
        {"openid", "email", "profile"},
        {"offline_access", "user"},
        "0f3c",
        client="web",
        others=({"typ": "ID"}, {"typ": "Refresh"}, {"aud": "account"}, {"typ": None}),
    ),
    "auth0": Case(
        issuers.auth0("https://tenant.eu.auth0.com/", API),
        {
            "iss": "https://tenant.eu.auth0.com/",
            "aud": [API, "https://tenant.eu.auth0.com/userinfo"],
            "azp": "my_client_id",
            "scope": "openid profile",
            "permissions": ["read:notes"],
        },
        {"openid", "profile", "read:notes"},
        client="my_client_id",
        others=(ID_TOKEN, {"aud": "my_client_id"}),
    ),
    "entra_id": Case(
        issuers.entra_id(TENANT, "00001111-aaaa-2222-bbbb-3333cccc4444"),
        {
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "aud": "00001111-aaaa-2222-bbbb-3333cccc4444",
            "tid": TENANT,
            "ver": "2.0",
            "scp": "access_as_user Notes.Read",
            "roles": ["Notes.Admin"],
            "oid": "222",
            "azp": "client-1",
            "azpacr": "0",
            "uti": "u",
            "sid": "s-1",
        },
        {"access_as_user", "Notes.Read"},
        {"Notes.Admin"},
        "s-1",
        client="client-1",
        others=({"tid": "another"}, {"ver": "1.0"}, {"nonce": "n"}, {"azp": None, "scp": None, "name": "Ada"}),
    ),
    "cognito": Case(
        issuers.cognito(COGNITO, "57cbishk4j24pabc1234567890"),
        {
            "iss": COGNITO,
            "client_id": "57cbishk4j24pabc1234567890",
            "origin_jti": "origin-1",
            "event_id": "e",
            "token_use": "access",
            "scope": "openid solar_system_data/asteroids.add",
            "cognito:groups": ["admins"],
            "username": "my-test-user",
        },
        {"openid", "solar_system_data/asteroids.add"},
        {"admins"},
        "origin-1",
        client="57cbishk4j24pabc1234567890",
        others=(
            {"token_use": "id", "aud": "57cbishk4j24pabc1234567890"},
            {"client_id": "another"},
            {"client_id": None},
            {"client_id": 1},
        ),
    ),
    "clerk": Case(
        issuers.clerk("https://clerk.example.com", "https://app.example.com"),
        {
            "iss": "https://clerk.example.com",
            "azp": "https://app.example.com",
            "sid": "sess_1",
            "v": 2,
            "sts": "active",
            "fva": [7, -1],
            "nbf": NOW,
            "o": {"id": "org_1", "slg": "main", "rol": "admin", "per": "manage,read", "fpm": "3"},
            "act": {"iss": "https://dashboard.clerk.com", "sid": "sess_2", "sub": "user_2"},
        },
        roles={"admin"},
        session="sess_1",
        others=({"azp": "https://attacker.example"}, {"azp": None}),
    ),
    "supabase": Case(
        issuers.supabase("https://project.supabase.co/auth/v1"),
        {
            "iss": "https://project.supabase.co/auth/v1",
            "aud": "authenticated",
            "role": "authenticated",
            "aal": "aal1",
            "session_id": "s-1",
            "email": "ada@example.com",
            "phone": "",
            "is_anonymous": False,
        },
        roles={"authenticated"},
        session="s-1",
        algorithm="ES256",
        others=({"aud": "anon"},),
    ),
    "okta": Case(
        issuers.okta("https://dev.okta.com/oauth2/default", "api://default"),
        {
            "ver": 1,
            "iss": "https://dev.okta.com/oauth2/default",
            "aud": "api://default",
            "cid": "0oa1",
            "uid": "00u1",
            "scp": ["openid", "notes:read"],
            "groups": ["Everyone"],
        },
        {"openid", "notes:read"},
        {"Everyone"},
        client="0oa1",
        others=({"aud": "0oa1", "nonce": "n"},),
    ),
    "duende": Case(
        issuers.duende("https://demo.duendesoftware.com", "api"),
        {
            "iss": "https://demo.duendesoftware.com",
            "aud": "api",
            "client_id": "interactive",
            "sid": "F6F6",
            "scope": ["openid", "api"],
            "role": ["manager"],
            "amr": ["pwd"],
        },
        {"openid", "api"},
        {"manager"},
        "F6F6",
        typ="at+jwt",
        client="interactive",
        others=({"aud": "interactive"},),
    ),
    "spring": Case(
        issuers.spring("https://auth.example.com", "messaging-client"),
        {
            "iss": "https://auth.example.com",
            "aud": "messaging-client",
            "nbf": NOW,
            "scope": ["openid", "message.read"],
        },
        {"openid", "message.read"},
        others=({"nonce": "n"}, {"aud": "another"}, {"azp": "messaging-client", "sid": "s", "auth_time": NOW}),
    ),
}


def _token(case: Case, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    key = KEYS[case.algorithm]
    times = {"sub": "user-1", "iat": NOW, "exp": NOW + 300, "jti": "t1"}
    members = {"alg": case.algorithm, "kid": "key-1", "typ": case.typ} if header is None else header
    return key.token(times | dict(claims), members)


def _caller(case: Case, token: str) -> Principal:
    policy = case.settings.policy
    keys = parse_key_set({"keys": [KEYS[case.algorithm].public_jwk]}, policy, {}).keys
    return Principal.from_claims(verify(token, keys, policy, NOW))


@pytest.mark.parametrize("name", CASES)
def test_an_access_token_of_the_documented_shape_is_accepted(name: str) -> None:
    case = CASES[name]
    caller = _caller(case, _token(case, case.claims))
    assert (caller.subject, caller.issuer, caller.session_id) == ("user-1", case.settings.issuer, case.session)
    assert caller.client_id == case.client
    assert caller.scopes == case.scopes
    assert caller.roles == case.roles
    assert str(case.settings.jwks_url).startswith("https://")


@pytest.mark.parametrize("name", CASES)
def test_a_token_of_another_issuer_is_refused(name: str) -> None:
    case = CASES[name]
    with pytest.raises(TokenInvalid) as refusal:
        _caller(case, _token(case, case.claims | {"iss": case.settings.issuer + "x"}))
    assert refusal.value.rule is Rule.ISSUER


@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name, case in CASES.items() for change in case.others], ids=str
)
def test_another_kind_of_token_and_one_for_somebody_else_are_refused(name: str, change: dict[str, Any]) -> None:
    case = CASES[name]
    with pytest.raises(TokenInvalid):
        _caller(case, _token(case, case.claims | change))


def test_the_client_of_a_token_of_rfc_9068_is_found_by_its_own_claim_too() -> None:
    case = CASES["auth0"]
    claims = {name: value for name, value in case.claims.items() if name != "azp"} | {"client_id": "by RFC 9068"}
    caller = _caller(case, _token(case, claims, {"alg": "RS256", "kid": "key-1", "typ": "at+jwt"}))
    assert caller.client_id == "by RFC 9068"


def test_where_the_type_at_jwt_is_required_any_other_is_refused() -> None:
    case = CASES["duende"]
    for typ in ({"typ": "JWT"}, {}):
        with pytest.raises(TokenInvalid) as refusal:
            _caller(case, _token(case, case.claims, {"alg": "RS256", "kid": "key-1"} | typ))
        assert refusal.value.rule is Rule.TYPE


PLAIN = CASES["spring"]


def _with_profile(profile: TokenProfile, **settings: Any) -> Case:  # noqa: ANN401
    return replace(PLAIN, settings=replace(PLAIN.settings, profile=profile, **settings))


def test_a_claim_that_is_null_counts_as_absent() -> None:
    caller = _caller(PLAIN, _token(PLAIN, PLAIN.claims | {"email": None, "roles": None, "scope": None, "sid": None}))
    assert (caller.email, caller.session_id) == (None, None)
    assert not caller.roles | caller.scopes


@pytest.mark.parametrize(
    "change", [{"scope": 5}, {"scope": ["a", 5]}, {"scope": {"a": 1}}, {"roles": 5}, {"roles": [5]}, {"sid": 5}]
)
def test_a_mapped_claim_of_a_wrong_type_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid) as refusal:
        _caller(PLAIN, _token(PLAIN, PLAIN.claims | change))
    assert refusal.value.rule is Rule.CLAIM_TYPE


def test_one_of_several_audiences_is_enough_and_none_is_asked_for_only_by_choice() -> None:
    several = _with_profile(PLAIN.settings.profile, other_audiences=("second",))
    assert _caller(several, _token(PLAIN, PLAIN.claims | {"aud": "second"}))
    none = _with_profile(TokenProfile(audience=None))
    without = {name: value for name, value in PLAIN.claims.items() if name != "aud"}
    assert _caller(none, _token(PLAIN, without))
    for case in (PLAIN, several):
        with pytest.raises(TokenInvalid):
            _caller(case, _token(PLAIN, without))


def test_a_token_without_kid_is_verified_by_the_only_key_and_by_choice_alone() -> None:
    token = _token(PLAIN, PLAIN.claims, {"alg": "RS256"})
    by_choice = _with_profile(replace(PLAIN.settings.profile, key_id_required=False))
    assert _caller(by_choice, token)
    with pytest.raises(TokenInvalid) as refusal:
        _caller(PLAIN, token)
    assert refusal.value.rule is Rule.KEY_ID
    policy = by_choice.settings.policy
    two = [KEYS["RS256"].public_jwk, SigningKey.generate("key-2", "RS256").public_jwk]
    with pytest.raises(TokenInvalid) as refusal:
        verify(token, parse_key_set({"keys": two}, policy, {}).keys, policy, NOW)
    assert refusal.value.rule is Rule.UNKNOWN_KEY
    unnamed = {name: value for name, value in KEYS["RS256"].public_jwk.items() if name != "kid"}
    assert verify(token, parse_key_set({"keys": [unnamed]}, policy, {}).keys, policy, NOW)["sub"] == "user-1"
