"""Dependencies for required and optional callers, with scopes and roles."""

from typing import Final

from fastapi.openapi.models import HTTPBearer
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from resource_server.bearer import authorization, bearer_token
from resource_server.fastapi.problems import note_without_handler
from resource_server.several import AnyResourceServer
from resource_server.verification.errors import AuthenticationError, TokenMissing
from resource_server.verification.permission import check_permission
from resource_server.verification.principal import Principal

_DESCRIPTION: Final = "An access token of the identity provider."


class Authentication:
    """Dependencies that authenticate callers. Holds no state: the lifespan yields the ResourceServer.

    ``state_key``: the name under which the lifespan yields it; one for each issuer of an application.
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
        self.state_key = state_key
        self.max_revocation_staleness = max_revocation_staleness
        self.scheme_name = scheme_name
        self.required = RequiredPrincipal(self)
        self.optional = OptionalPrincipal(self)

    @property
    def security_scheme(self) -> dict[str, str]:
        """The security scheme of the OpenAPI document."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _DESCRIPTION}

    def require_roles(self, *roles: str) -> "RequiredPrincipal":
        """A dependency like ``required``, for callers who hold every one of the roles."""
        return RequiredPrincipal(self, frozenset(roles))

    async def authenticate(self, connection: HTTPConnection) -> Principal | None:
        """The caller of the request or WebSocket, or None when it carries no Authorization header."""
        token = bearer_token(connection.scope["headers"])
        if token is None:
            return None
        server = self.server(connection)
        return await server.authenticate(token, max_revocation_staleness=self.max_revocation_staleness)

    def server(self, connection: HTTPConnection) -> AnyResourceServer:
        """The server that the lifespan yielded."""
        server: AnyResourceServer | None = connection.scope.get("state", {}).get(self.state_key)
        if server is None:
            raise RuntimeError(
                f"no ResourceServer is running: the application's lifespan must yield it as {self.state_key!r}, as in"
                f" `async with ResourceServer(settings) as server: yield {{{self.state_key!r}: server}}`"
            )
        return server


class _Dependency(SecurityBase):
    def __init__(self, authentication: Authentication, roles: frozenset[str] = frozenset()) -> None:
        self.authentication = authentication
        self.roles = roles
        self.model = HTTPBearer(bearerFormat="JWT", description=_DESCRIPTION)
        self.scheme_name = authentication.scheme_name

    def recall(self, connection: HTTPConnection, scopes: list[str]) -> Principal | None:
        """The caller, when it is known without waiting; None when the dependency itself has to be called."""
        sent = authorization(connection.scope["headers"])
        if sent is None or not sent.startswith(b"Bearer "):
            return None
        authentication = self.authentication
        principal = authentication.server(connection).recall(
            sent[7:], max_revocation_staleness=authentication.max_revocation_staleness
        )
        if principal is not None:
            check_permission(principal, scopes, self.roles)
        return principal

    async def authenticate(self, connection: HTTPConnection, scopes: list[str]) -> Principal | None:
        """The caller, who has the scopes and the roles; None without an Authorization header."""
        principal = await self.authentication.authenticate(connection)
        if principal is not None:
            check_permission(principal, scopes, self.roles)
        return principal


class RequiredPrincipal(_Dependency):
    """The caller; a request without a valid token is refused."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """Raises an AuthenticationError."""
        try:
            principal = await self.authenticate(connection, security_scopes.scopes)
            if principal is None:
                raise TokenMissing
        except AuthenticationError as error:
            note_without_handler(connection, error)
            raise
        return principal


class OptionalPrincipal(_Dependency):
    """The caller, or None for a request without an Authorization header; an invalid token is refused even so."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal | None:
        """Raises an AuthenticationError."""
        try:
            return await self.authenticate(connection, security_scopes.scopes)
        except AuthenticationError as error:
            note_without_handler(connection, error)
            raise
