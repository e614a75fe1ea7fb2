"""Who is calling: a frozen value built from verified claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from resource_server.verification.kept import KeptClaims


@lru_cache(maxsize=64)
def _issuer(issuer: str) -> str:
    return issuer


@lru_cache(maxsize=1024)
def _scopes(scope: str) -> frozenset[str]:
    return frozenset(scope.split())


@lru_cache(maxsize=1024)
def _roles(roles: tuple[str, ...]) -> frozenset[str]:
    return frozenset(roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller of a request. Times are in seconds since the epoch.

    For claims of your own, subclass it, add fields, and extend ``values``; hand the subclass to
    ``ResourceServer(principal=...)``. Any exception from ``values`` refuses the
    token as invalid.
    """

    subject: str
    session_id: str | None
    token_id: str | None
    token_version: int | None
    issuer: str
    issued_at: int
    expires_at: int
    scopes: frozenset[str]
    roles: frozenset[str]
    email: str | None
    email_verified: bool
    name: str | None
    actor: str | None = None
    """Who acts as the subject (RFC 8693, section 4.1), such as an administrator; None when nobody does."""
    client_id: str | None = None
    """The client that the token was issued to (RFC 9068, section 2.2); None where the issuer does not say."""
    claims: Mapping[str, Any] = field(compare=False, repr=False)

    @classmethod
    def values(cls, claims: Mapping[str, Any]) -> dict[str, Any]:
        """The fields' values, by name, from claims that are verified and of the right types."""
        client_id = claims.get("client_id")
        return {
            "subject": claims["sub"],
            "session_id": claims.get("sid"),
            "token_id": claims.get("jti"),
            "token_version": claims.get("ver"),
            "issuer": _issuer(claims["iss"]),
            "issued_at": int(claims["iat"]),
            "expires_at": int(claims["exp"]),
            "scopes": _scopes(claims.get("scope", "")),
            "roles": _roles(tuple(claims.get("roles", ()))),
            "email": claims.get("email"),
            "email_verified": claims.get("email_verified", False),
            "name": claims.get("name"),
            "actor": claims["act"]["sub"] if "act" in claims else None,
            "client_id": client_id if type(client_id) is str else None,
            "claims": KeptClaims(claims),
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Build the caller from verified claims."""
        return cls(**cls.values(claims))
