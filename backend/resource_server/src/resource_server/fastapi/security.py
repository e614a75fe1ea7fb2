"""The FastAPI surface: dependencies for required and optional callers, scopes and roles, and problem responses."""

import logging

from fastapi import FastAPI
from fastapi.openapi.models import HTTPBearer
from fastapi.responses import JSONResponse, Response
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from resource_server.server import ResourceServer
from resource_server.verification.errors import AuthenticationError, InsufficientScope, TokenInvalid, TokenMissing
from resource_server.verification.principal import Principal
from resource_server.verification.rules import Rule

logger = logging.getLogger(__name__)

_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


def bearer_token(connection: HTTPConnection) -> str | None:
    """The Bearer token of the request (RFC 6750, section 2.1), or None when it has no Authorization header.

    Raises TokenMissing for another scheme, TokenInvalid for more than one header or no token.
    """
    sent = _authorization(connection)
    if sent is None:
        return None
    scheme, _, token = sent.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing("the Authorization header is of another scheme", Rule.AUTHORIZATION_HEADER)
    return token.strip(" ")


def _authorization(connection: HTTPConnection) -> bytes | None:
    sent: bytes | None = None
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            if sent is not None:
                raise TokenInvalid("more than one Authorization header was sent", Rule.AUTHORIZATION_HEADER)
            sent = value
    return sent


class Authentication:
    """Dependencies that authenticate callers. Holds no state: the ResourceServer is what the lifespan yielded.

    ``state_key``: under which name the lifespan yields it; one name for each issuer of an application.
    ``max_revocation_staleness`` (seconds) overrides the server's setting on the routes that use this object.
    ``required`` and ``optional`` are the dependencies; use them in ``Security(..., scopes=[...])``.
    """

    def __init__(
        self,
        *,
        state_key: str = "resource_server",
        max_revocation_staleness: float | None = None,
        scheme_name: str = "AccessToken",
    ) -> None:
        self._state_key = state_key
        self.max_revocation_staleness = max_revocation_staleness
        self.scheme_name = scheme_name
        self.required = RequiredPrincipal(self)
        self.optional = OptionalPrincipal(self)

    def require_roles(self, *roles: str) -> "RequiredPrincipal":
        """A dependency like ``required``, for callers who hold every one of the roles."""
        return RequiredPrincipal(self, frozenset(roles))

    async def authenticate(self, connection: HTTPConnection) -> Principal | None:
        """The caller of the request or WebSocket, or None when it carries no Authorization header."""
        token = bearer_token(connection)
        if token is None:
            return None
        server = self.server(connection)
        return await server.authenticate(token, max_revocation_staleness=self.max_revocation_staleness)

    def server(self, connection: HTTPConnection) -> ResourceServer:
        """What the lifespan yielded."""
        server: ResourceServer | None = connection.scope.get("state", {}).get(self._state_key)
        if server is None:
            raise RuntimeError(f"the application's lifespan must yield {{{self._state_key!r}: <a ResourceServer>}}")
        return server


class _Dependency(SecurityBase):
    def __init__(self, authentication: Authentication, roles: frozenset[str] = frozenset()) -> None:
        self.authentication = authentication
        self._roles = roles
        self.model = HTTPBearer(bearerFormat="JWT", description="An access token of the identity provider.")
        self.scheme_name = authentication.scheme_name

    def recall(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal | None:
        """The caller, when that needs no waiting; None when the dependency itself has to be called."""
        sent = _authorization(connection)
        if sent is None or not sent.startswith(b"Bearer "):
            return None
        authentication = self.authentication
        principal = authentication.server(connection).recall(
            sent[7:], max_revocation_staleness=authentication.max_revocation_staleness
        )
        if principal is not None:
            self._check(principal, security_scopes.scopes)
        return principal

    def _check(self, principal: Principal, scopes: list[str]) -> None:
        for scope in scopes:
            if scope not in principal.scopes:
                raise InsufficientScope(scopes)
        if not self._roles <= principal.roles:
            raise InsufficientScope(reason="the caller lacks a role")


class RequiredPrincipal(_Dependency):
    """The caller; a request without a good token is refused."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """Raises an AuthenticationError."""
        principal = await self.authentication.authenticate(connection)
        if principal is None:
            raise TokenMissing
        self._check(principal, security_scopes.scopes)
        return principal


class OptionalPrincipal(_Dependency):
    """The caller, or None for a request without an Authorization header; a bad token is refused all the same."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal | None:
        """Raises an AuthenticationError."""
        principal = await self.authentication.authenticate(connection)
        if principal is not None:
            self._check(principal, security_scopes.scopes)
        return principal


def problem_response(error: AuthenticationError) -> Response:
    """The response of a refusal (RFC 9457, RFC 6750)."""
    return JSONResponse(
        error.problem, status_code=error.status, headers=error.headers, media_type="application/problem+json"
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every AuthenticationError by its problem response, on WebSockets before they are accepted too."""
    app.exception_handler(AuthenticationError)(_refuse)


async def _refuse(connection: HTTPConnection, error: AuthenticationError) -> Response | None:
    logger.info(
        "request refused",
        extra={"code": error.code, "rule": error.rule, "reason": error.reason, "path": connection.url.path},
    )
    if not isinstance(connection, WebSocket):
        return problem_response(error)
    if "websocket.http.response" in connection.scope.get("extensions", {}):
        await connection.send_denial_response(problem_response(error))
    else:
        await connection.close(code=_POLICY_VIOLATION, reason=error.title)
    return None
