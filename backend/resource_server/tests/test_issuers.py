"""Tokens of well-known issuers, in the shapes that their documentation shows, against the ready-made settings."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
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
    """An issuer's settings, an access token's header and claims, what varies, and what is not an access token.

    docs/issuers.md names the page that each shape follows.
    """

    settings: ResourceServerSettings
    claims: dict[str, Any]
    scopes: Set[str] = frozenset()
    roles: Set[str] = frozenset()
    session: str | None = None
    header: Mapping[str, str] = field(default_factory=lambda: {"typ": "JWT"})
    algorithm: AlgorithmName = "RS256"
    client: str | None = None
    variants: tuple[dict[str, Any], ...] = ()
    """Changes that make another access token of the documented shapes."""
    others: tuple[dict[str, Any], ...] = ()
    """Changes that make another kind of token, or one for somebody else."""


KEYCLOAK = "https://sso.example.com/realms/main"
COGNITO = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aaaaaaaaa"
ID_TOKEN = {"nonce": "n-0S6_WzA2Mj", "aud": "client-1"}
CASES = {
    "better_auth": Case(
        issuers.better_auth("https://app.example.com", API),
        {
            "iss": "https://app.example.com",
            "aud": API,
            "sid": "s1",
            "ver": 2,
            "jti": "t1",
            "scope": "notes:read",
            "roles": ["user"],
        },
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
            "client_id": "client-1",
            "azp": "client-1",
            "scope": "openid notes:read",
            "sid": "s1",
            "jti": "t1",
        },
        {"openid", "notes:read"},
        set(),
        "s1",
        header={"typ": "at+jwt"},
        algorithm="EdDSA",
        client="client-1",
        variants=({"sub": "client-1", "sid": None, "aud": API},),
        others=(ID_TOKEN, {"aud": "https://app.example.com/api/auth"}),
    ),
    "keycloak": Case(
        issuers.keycloak(KEYCLOAK, "notes-api"),
        {
            "iss": KEYCLOAK,
            "aud": ["notes-api", "account"],
            "jti": "onrtac:0f3c",
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
        variants=({"nonce": None, "session_state": None, "sid": None, "client_id": "web", "clientHost": "10.0.0.1"},),
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
        variants=(
            {"azp": None, "client_id": "my_client_id", "jti": "73WakrfVbNJBaAmhQtEeDv"},
            {"sub": "my_client_id@clients", "aud": API, "gty": "client-credentials"},
        ),
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
            "nbf": NOW,
            "aio": "opaque",
            "rh": "opaque",
            "uti": "u",
            "sid": "s-1",
        },
        {"access_as_user", "Notes.Read"},
        {"Notes.Admin"},
        "s-1",
        client="client-1",
        variants=({"tid": None, "oid": None}, {"azpacr": "1", "sub": "222", "sid": None, "idtyp": "app"}),
        others=({"ver": "1.0"}, {"nonce": "n"}, {"azp": None, "scp": None, "name": "Ada"}),
    ),
    "cognito": Case(
        issuers.cognito(COGNITO, "57cbishk4j24pabc1234567890"),
        {
            "iss": COGNITO,
            "device_key": "d",
            "version": 2,
            "client_id": "57cbishk4j24pabc1234567890",
            "origin_jti": "origin-1",
            "event_id": "e",
            "token_use": "access",
            "scope": "openid solar_system_data/asteroids.add",
            "auth_time": NOW,
            "cognito:groups": ["admins"],
            "jti": "t1",
            "username": "my-test-user",
        },
        {"openid", "solar_system_data/asteroids.add"},
        {"admins"},
        "origin-1",
        header={},
        client="57cbishk4j24pabc1234567890",
        variants=({"device_key": None, "aud": "https://solar-system-data-api.example.com"},),
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
            "jti": "1234567890",
            "pla": "u:free,o:pro",
            "fea": "o:dashboard,o:impersonation",
            "v": 2,
            "sts": "active",
            "fva": [7, -1],
            "nbf": NOW,
            "o": {"id": "org_1", "slg": "main", "rol": "admin", "per": "manage,read", "fpm": "3"},
            "act": {"iss": "https://dashboard.clerk.com", "sid": "sess_2", "sub": "user_2"},
        },
        roles={"admin"},
        session="sess_1",
        variants=({"act": None, "sts": None},),
        others=({"azp": "https://attacker.example"}, {"azp": None}, {"sts": "pending"}),
    ),
    "supabase": Case(
        issuers.supabase("https://project.supabase.co/auth/v1"),
        {
            "iss": "https://project.supabase.co/auth/v1",
            "aud": "authenticated",
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{"method": "password", "timestamp": NOW}],
            "app_metadata": {"provider": "email", "providers": ["email"]},
            "user_metadata": {"name": "Ada"},
            "session_id": "s-1",
            "email": "ada@example.com",
            "phone": "",
            "is_anonymous": False,
        },
        roles={"authenticated"},
        session="s-1",
        algorithm="ES256",
        variants=({"is_anonymous": True, "email": "", "jti": "t1", "nbf": NOW},),
        others=({"aud": "anon"}, {"sub": None, "role": "anon"}, {"sub": None, "role": "service_role"}),
    ),
    "okta": Case(
        issuers.okta("https://dev.okta.com/oauth2/default", "api://default"),
        {
            "ver": 1,
            "jti": "AT.1",
            "iss": "https://dev.okta.com/oauth2/default",
            "aud": "api://default",
            "cid": "0oa1",
            "uid": "00u1",
            "scp": ["openid", "notes:read"],
            "auth_time": NOW,
            "groups": ["Everyone"],
        },
        {"openid", "notes:read"},
        {"Everyone"},
        header={},
        client="0oa1",
        variants=({"sub": "0oa1", "uid": None, "auth_time": None},),
        others=({"aud": "0oa1", "nonce": "n"},),
    ),
    "duende": Case(
        issuers.duende("https://demo.duendesoftware.com", "api"),
        {
            "iss": "https://demo.duendesoftware.com",
            "aud": "api",
            "client_id": "interactive",
            "sid": "F6F6",
            "jti": "2C56",
            "nbf": NOW,
            "auth_time": NOW,
            "idp": "local",
            "scope": "openid api",
            "role": ["manager"],
            "amr": ["pwd"],
        },
        {"openid", "api"},
        {"manager"},
        "F6F6",
        header={"typ": "at+jwt"},
        client="interactive",
        variants=({"scope": ["openid", "api"], "role": "manager"},),
        others=({"aud": "interactive"},),
    ),
    "spring": Case(
        issuers.spring("https://auth.example.com", "messaging-client"),
        {
            "iss": "https://auth.example.com",
            "aud": "messaging-client",
            "jti": "t1",
            "nbf": NOW,
            "scope": ["openid", "message.read"],
        },
        {"openid", "message.read"},
        header={},
        others=({"nonce": "n"}, {"aud": "another"}, {"azp": "messaging-client", "sid": "s", "auth_time": NOW}),
    ),
}


def _token(case: Case, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    key = KEYS[case.algorithm]
    times = {"sub": "user-1", "iat": NOW, "exp": NOW + 300}
    members = {"alg": case.algorithm, "kid": "key-1"} | dict(case.header) if header is None else header
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


@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name, case in CASES.items() for change in case.variants], ids=str
)
def test_an_access_token_of_another_documented_shape_is_accepted(name: str, change: dict[str, Any]) -> None:
    case = CASES[name]
    caller = _caller(
        case, _token(case, {key: value for key, value in (case.claims | change).items() if value is not None})
    )
    assert caller.subject == change.get("sub", "user-1")
    assert (caller.client_id, caller.scopes, caller.roles) == (case.client, case.scopes, case.roles)


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


@pytest.mark.parametrize("name", ["better_auth_oauth_provider", "duende"])
def test_where_the_type_at_jwt_is_required_any_other_is_refused(name: str) -> None:
    case = CASES[name]
    for typ in ({"typ": "JWT"}, {}):
        with pytest.raises(TokenInvalid) as refusal:
            _caller(case, _token(case, case.claims, {"alg": case.algorithm, "kid": "key-1"} | typ))
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


def test_one_of_several_audiences_is_enough_and_none_is_needed_only_where_configured() -> None:
    several = _with_profile(PLAIN.settings.profile, other_audiences=("second",))
    assert _caller(several, _token(PLAIN, PLAIN.claims | {"aud": "second"}))
    none = _with_profile(TokenProfile(audience=None))
    without = {name: value for name, value in PLAIN.claims.items() if name != "aud"}
    assert _caller(none, _token(PLAIN, without))
    for case in (PLAIN, several):
        with pytest.raises(TokenInvalid):
            _caller(case, _token(PLAIN, without))


def test_a_token_without_kid_is_verified_by_the_only_key_and_only_where_configured() -> None:
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
