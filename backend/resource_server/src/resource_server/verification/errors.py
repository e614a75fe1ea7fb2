"""Why a request was refused: one base error, with the stable code and the HTTP status on the class."""

from collections.abc import Iterable
from typing import ClassVar

from resource_server.verification.rules import Rule


class AuthenticationError(Exception):
    """Base of every refusal.

    ``code``, ``status``, ``title``, ``detail`` and ``retry_after`` (seconds) are for the client.
    ``reason`` and ``rule`` are for the log; they never hold a token, only its issuer, audience or algorithm if wrong.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    detail: ClassVar[str]
    retry_after: ClassVar[int | None] = None

    def __init__(self, reason: str, rule: Rule | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rule = rule

    @property
    def challenge(self) -> str | None:
        """The value of WWW-Authenticate (RFC 6750, section 3), or None where none is due."""
        return None

    @property
    def headers(self) -> dict[str, str]:
        """The response headers of this refusal."""
        headers = {"Cache-Control": "no-store"}
        if self.challenge is not None:
            headers["WWW-Authenticate"] = self.challenge
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers

    @property
    def problem(self) -> dict[str, str | int]:
        """The response body (RFC 9457), of type application/problem+json."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }


class TokenMissing(AuthenticationError):
    """The request carries no Bearer token."""

    code = "token_missing"
    status = 401
    title = "Authentication required"
    detail = "Send the access token in the Authorization header as 'Bearer <token>'."

    def __init__(self, reason: str = "no Bearer token was sent", rule: Rule | None = None) -> None:
        super().__init__(reason, rule)

    @property
    def challenge(self) -> str:
        return "Bearer"


class TokenInvalid(AuthenticationError):
    """The token breaks a rule; a new one is needed."""

    code = "token_invalid"
    status = 401
    title = "Invalid access token"
    detail = "The access token was not accepted. Sign in again to get a new one."

    @property
    def challenge(self) -> str:
        return f'Bearer error="invalid_token", error_description="{self.detail}"'


class TokenExpired(TokenInvalid):
    """The token is valid, but its ``exp`` has passed."""

    code = "token_expired"
    title = "Access token expired"
    detail = "The access token has expired. Get a new one from the identity provider."

    def __init__(self, reason: str = "the token has expired", rule: Rule | None = Rule.EXPIRED) -> None:
        super().__init__(reason, rule)


class TokenRevoked(TokenInvalid):
    """The token is valid, but was revoked."""

    code = "token_revoked"
    title = "Access token revoked"
    detail = "The access token has been revoked. Sign in again to get a new one."

    def __init__(self, reason: str = "the token has been revoked", rule: Rule | None = None) -> None:
        super().__init__(reason, rule)


class InsufficientScope(AuthenticationError):
    """The token is valid, but lacks a scope. ``scopes`` are those that the request needs."""

    code = "insufficient_scope"
    status = 403
    title = "Not permitted"
    detail = "The access token lacks a scope that this request needs."

    def __init__(self, scopes: Iterable[str] = (), reason: str = "the token lacks a scope") -> None:
        super().__init__(reason)
        self.scopes = tuple(scopes)

    @property
    def challenge(self) -> str:
        scope = f', scope="{" ".join(self.scopes)}"' if self.scopes else ""
        return f'Bearer error="insufficient_scope"{scope}'


class InsufficientRole(AuthenticationError):
    """The token is valid, but the caller lacks a role. ``roles`` are those that the request needs; for the log."""

    code = "insufficient_role"
    status = 403
    title = "Not permitted"
    detail = "The account lacks a role that this request needs."

    def __init__(self, roles: Iterable[str] = (), reason: str = "the caller lacks a role") -> None:
        super().__init__(reason)
        self.roles = tuple(roles)

    @property
    def challenge(self) -> str:
        # RFC 6750, section 3.1, has no other error for a request that needs more than the token gives.
        return 'Bearer error="insufficient_scope"'


class KeysUnavailable(AuthenticationError):
    """The keys for the verification are not available at the moment. The token may be valid."""

    code = "keys_unavailable"
    status = 503
    title = "Verification unavailable"
    detail = "The keys to verify access tokens are not available at the moment. Try again shortly."
    retry_after = 5


class RevocationStale(AuthenticationError):
    """The view of the revocations is too old to rule out that the token was revoked."""

    code = "revocation_stale"
    status = 503
    title = "Verification unavailable"
    detail = "Whether the token has been revoked can't be checked at the moment. Try again shortly."
    retry_after = 5

    def __init__(self, reason: str = "the revocations are stale", rule: Rule | None = None) -> None:
        super().__init__(reason, rule)
