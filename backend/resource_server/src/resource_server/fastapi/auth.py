"""Protection of an application in five lines: settings, lifespan, routes and refusals in one object."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Self

import httpx
from fastapi.params import Security as SecurityParameter
from fastapi.security import SecurityScopes
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from resource_server.fastapi.dependencies import Authentication, RequiredPrincipal
from resource_server.fastapi.install import install
from resource_server.fastapi.tickets import TicketPrincipal
from resource_server.metrics import Metrics
from resource_server.names import IN_PYTHON, Names
from resource_server.readiness import check_readiness, log_faults
from resource_server.revocation.protocol import RevocationList
from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.several import AnyResourceServer, ResourceServers
from resource_server.tickets import Tickets
from resource_server.verification.principal import Principal

Lifespan = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


class Auth(Authentication):
    """Authenticates callers by the tokens of one issuer, or of several.

    ``settings``: the issuer and the audience. ``revocations``: a feed, which is started and stopped with the
    application, or another RevocationList. ``principal``, ``client`` and ``metrics`` are those of ``ResourceServer``.
    ``also``: other issuers whose tokens are accepted on the same routes, each with its own settings, revocations and
    principal; chosen by ``iss``. Where issuers have routes of their own, each has an ``Auth``, all but one with another
    ``scheme_name``.
    """

    def __init__(
        self,
        settings: ResourceServerSettings,
        *,
        revocations: RevocationList | None = None,
        principal: type[Principal] = Principal,
        client: httpx.AsyncClient | None = None,
        metrics: Metrics | None = None,
        max_revocation_staleness: float | None = None,
        scheme_name: str = "AccessToken",
        also: Iterable["Auth"] = (),
    ) -> None:
        super().__init__(
            state_key=f"resource_server_{id(self):x}",
            max_revocation_staleness=max_revocation_staleness,
            scheme_name=scheme_name,
        )
        self.settings = settings
        self.revocations = revocations
        self.client = client
        self._principal = principal
        self._metrics = metrics
        self._also = tuple(also)
        self._running: list[AnyResourceServer] = []
        self._by_roles: dict[frozenset[str], RequiredPrincipal] = {frozenset(): self.required}

    @classmethod
    def better_auth(
        cls,
        issuer: str,
        *,
        audience: str,
        revocations: RevocationList | None = None,
        principal: type[Principal] = Principal,
    ) -> Self:
        """For the tokens of Better Auth's ``jwt`` plugin; ``issuer`` is the base URL of its application.

        Raises ValueError. For any other setting use ``Auth(ResourceServerSettings(...))``.
        """
        settings = ResourceServerSettings(
            issuer=issuer, audience=audience, jwks_url=f"{issuer.rstrip('/')}/api/auth/jwks"
        )
        return cls(settings, revocations=revocations, principal=principal)

    @asynccontextmanager
    async def lifespan(self, _app: object = None) -> AsyncIterator[dict[str, Any]]:
        """The application's lifespan; in one of your own, ``async with auth.lifespan(app) as state: yield state``."""
        async with AsyncExitStack() as stack:
            servers = [await auth._build(stack) for auth in (self, *self._also)]
            server: AnyResourceServer = ResourceServers(servers) if self._also else servers[0]
            await server.__aenter__()
            stack.push_async_exit(server)
            stack.callback(asyncio.create_task(log_faults(server)).cancel)
            self._running.append(server)
            try:
                yield {self.state_key: server}
            finally:
                self._running.remove(server)

    async def _build(self, stack: AsyncExitStack) -> ResourceServer:
        """A server, not started yet, with revocations that are started."""
        feed: object = self.revocations
        if isinstance(feed, AbstractAsyncContextManager):
            await stack.enter_async_context(feed)
        return ResourceServer(
            self.settings,
            revocations=self.revocations,
            client=self.client,
            principal=self._principal,
            metrics=self._metrics,
        )

    def composed_with(self, lifespan: Lifespan) -> Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any]]]:
        """A lifespan that runs this one around yours, and yields the state of both: ``FastAPI(lifespan=…)``."""

        @asynccontextmanager
        async def composed(app: object) -> AsyncIterator[dict[str, Any]]:
            async with self.lifespan(app) as outer, lifespan(app) as inner:
                yield {**outer, **(inner or {})}

        return composed

    def install(self, app: Starlette) -> None:
        """Call this once, before routes are declared; see the function ``install`` of this package."""
        install(app, self)

    def requires(self, *scopes: str, roles: Iterable[str] = ()) -> SecurityParameter:
        """For ``Annotated[Principal, auth.requires("notes:read")]``: every one of the scopes, and of the roles.

        Without any, every caller with a valid token is accepted. Raises an AuthenticationError.
        """
        return SecurityParameter(self._dependency(roles), scopes=scopes)

    def allows(self, *scopes: str) -> SecurityParameter:
        """For ``Annotated[Principal | None, auth.allows()]``: None without an Authorization header. An invalid token is
        refused even so, and a valid one must have the scopes.
        """
        return SecurityParameter(self.optional, scopes=scopes)

    def accepts_ticket(self, tickets: Tickets, *scopes: str) -> SecurityParameter:
        """For ``Annotated[Principal, auth.accepts_ticket(tickets, "notes:read")]`` on a WebSocket of a browser.

        The ticket comes in the query parameter ``ticket``; its purpose is the path of the connection.
        """
        return SecurityParameter(TicketPrincipal(self, tickets), scopes=scopes)

    async def caller(self, connection: HTTPConnection, *scopes: str, roles: Iterable[str] = ()) -> Principal:
        """The caller, for an endpoint without FastAPI's dependencies. Raises an AuthenticationError."""
        return await self._dependency(roles)(connection, SecurityScopes(list(scopes)))

    def _dependency(self, roles: Iterable[str]) -> RequiredPrincipal:
        held = frozenset(roles)
        if held not in self._by_roles:
            self._by_roles[held] = self.require_roles(*held)
        return self._by_roles[held]

    def readiness(self, connection: HTTPConnection, names: Names = IN_PYTHON) -> dict[str, str]:
        """For ``keys``, ``tokens`` and ``revocations``: "ok", or what is not ready and why; see check_readiness."""
        return check_readiness(self.server(connection), names)

    def server(self, connection: HTTPConnection) -> AnyResourceServer:
        """The running server of the request's application, or of one that this one is mounted in."""
        server: AnyResourceServer | None = connection.scope.get("state", {}).get(self.state_key)
        if server is not None:
            return server
        if not self._running:
            raise RuntimeError(
                "this Auth is not running: use FastAPI(lifespan=auth.lifespan), or enter auth.lifespan(app) in the"
                " application's own lifespan"
            )
        return self._running[-1]
