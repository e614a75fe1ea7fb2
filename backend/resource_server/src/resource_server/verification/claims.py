"""The claims of an access token (RFC 7519, section 4.1; RFC 9068, section 2.2): presence, then identity, then time."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from resource_server.verification.errors import TokenExpired, TokenInvalid
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule

_MAX_IDENTIFIER: Final = 255
_MAX_VERSION: Final = 2**63 - 1
_LAST_DATE: Final = 253_402_300_799  # the end of the year 9999
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")  # RFC 6749, section 3.3


def _is_string(value: object) -> bool:
    return type(value) is str


def _is_version(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MAX_VERSION


def _is_date(value: object) -> bool:
    return (type(value) is int or type(value) is float) and 0 <= value <= _LAST_DATE


def _is_strings(value: object) -> bool:
    return type(value) is list and all(map(_is_string, value))


def _is_audience(value: object) -> bool:
    return _is_string(value) or _is_strings(value)


def _is_actor(value: object) -> bool:
    """RFC 8693, section 4.1: an object whose members say who acts; here by `sub`."""
    return type(value) is dict and type(value.get("sub")) is str and 0 < len(value["sub"]) <= _MAX_IDENTIFIER


_TYPES: Final[dict[str, type]] = {
    **dict.fromkeys(("iss", "sub", "jti", "sid", "scope", "email", "name"), str),
    "email_verified": bool,
}
_OTHERS: Final[dict[str, Callable[[object], bool]]] = {
    "aud": _is_audience,
    "iat": _is_date,
    "exp": _is_date,
    "nbf": _is_date,
    "ver": _is_version,
    "roles": _is_strings,
    "act": _is_actor,
}
TYPED_CLAIMS: Final = frozenset({*_TYPES, *_OTHERS})
"""The claims that the library knows."""
_IDENTIFIERS: Final = ("sub", "sid", "jti")


def _wrong_type(name: str) -> TokenInvalid:
    return TokenInvalid(f"the claim {name} is not of its type", Rule.CLAIM_TYPE)


def check_presence(claims: Mapping[str, Any], policy: Policy) -> None:
    """Raise TokenInvalid unless the required claims are there, and each known one is of its type."""
    if "cnf" in claims:
        raise TokenInvalid(
            "cnf binds the token to a key, and a Bearer token proves possession of none", Rule.CONFIRMATION
        )
    for name in policy.required_claims:
        if name not in claims:
            raise TokenInvalid(f"the claim {name} is missing", Rule.CLAIM_MISSING)
    for name, value in claims.items():
        if name in _TYPES:
            if type(value) is not _TYPES[name]:
                raise _wrong_type(name)
        elif name in _OTHERS and not _OTHERS[name](value):
            raise _wrong_type(name)
    audience = policy.profile.audience
    if audience is not None and not _is_audience(claims[audience]):
        raise _wrong_type(audience)
    for name in _IDENTIFIERS:
        value = claims.get(name)
        if value is not None and (
            not value or len(value) > _MAX_IDENTIFIER or (not value.isprintable() and _CONTROL.search(value))
        ):
            raise TokenInvalid(f"the claim {name} is empty, too long or has control characters", Rule.CLAIM_VALUE)
    scope = claims.get("scope")
    if scope and not _SCOPE.fullmatch(scope):
        raise TokenInvalid("the claim scope is not a list of scopes separated by single spaces", Rule.CLAIM_VALUE)


def _other(claim: str, found: object, setting: str, expected: str) -> str:
    return f"the claim {claim} is {repr(found)[:_MAX_IDENTIFIER]}, and the setting {setting} is {expected!r}"


def check_issuer(claims: Mapping[str, Any], policy: Policy) -> None:
    """Raise TokenInvalid for a token of another issuer."""
    if claims["iss"] != policy.issuer:
        raise TokenInvalid(_other("iss", claims["iss"], "issuer", policy.issuer), Rule.ISSUER)


def check_audience(claims: Mapping[str, Any], policy: Policy) -> None:
    """Raise TokenInvalid for a token that was made for others."""
    name = policy.profile.audience
    if name is None:
        return
    audience = claims[name]
    if audience == policy.audience:
        return
    named = (audience,) if type(audience) is str else audience
    if policy.audience not in named and policy.other_audiences.isdisjoint(named):
        raise TokenInvalid(_other(name, audience, "audience", policy.audience), Rule.AUDIENCE)


def check_time(claims: Mapping[str, Any], policy: Policy, now: float) -> None:
    """Raise TokenInvalid or TokenExpired unless the token is good at ``now`` (seconds since the epoch)."""
    issued_at, expires_at = claims["iat"], claims["exp"]
    if issued_at > now + policy.leeway:
        raise TokenInvalid("the claim iat is in the future", Rule.ISSUED_AT)
    if "nbf" in claims and claims["nbf"] > now + policy.leeway:
        raise TokenInvalid("the claim nbf is in the future", Rule.NOT_BEFORE)
    if not 0 < expires_at - issued_at <= policy.max_token_life:
        raise TokenInvalid("the life from iat to exp is not positive, or longer than allowed", Rule.LIFETIME)
    if now >= expires_at + policy.leeway:
        raise TokenExpired


def check_kind(claims: Mapping[str, Any], policy: Policy) -> None:
    """Tell an access token of the issuer from its other tokens, before claims are mapped; raises TokenInvalid."""
    profile = policy.profile
    for name, wanted in profile.required_values:
        if claims.get(name) != wanted:
            raise TokenInvalid(f"the claim {name} is not that of an access token of this issuer", Rule.TYPE)
    for name, refused in profile.refused_values:
        if claims.get(name) == refused:
            raise TokenInvalid(f"the claim {name} is {refused!r}, which the profile refuses", Rule.CLAIM_VALUE)
    for name in profile.forbidden:
        if claims.get(name) is not None:
            raise TokenInvalid(f"the claim {name} is that of an ID token", Rule.TYPE)


def check_claims(claims: Mapping[str, Any], policy: Policy, now: float) -> None:
    """Check the claims against the policy at ``now`` (seconds since the epoch); raises TokenInvalid or TokenExpired."""
    check_presence(claims, policy)
    check_issuer(claims, policy)
    check_audience(claims, policy)
    check_time(claims, policy, now)
