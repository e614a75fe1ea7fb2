"""Several issuers behind one resource server."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, ClassVar, Self

from resource_server.advice import Advice
from resource_server.remembered import may_recall
from resource_server.server import ResourceServer
from resource_server.timing import boot_time
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.rules import Rule
from resource_server.verification.tokens import Claims, claimed_issuer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from resource_server.jwks.cache import KeySetState
    from resource_server.verification.errors import AuthenticationError
    from resource_server.verification.principal import Principal


class ResourceServers:
    """Authenticates access tokens of several issuers, each by the ResourceServer whose issuer equals ``iss`` exactly.

    A token of any other issuer is refused without looking for a key. Keys, remembered tokens and revocations of one
    issuer are never used for another's. Raises ValueError for no server, and for two of one issuer.

    Used like a ResourceServer: an async context manager, which starts and stops each of them.
    """

    _recalls: ClassVar[bool] = True

    def __init__(self, servers: Iterable[ResourceServer]) -> None:
        self._servers: dict[str, ResourceServer] = {}
        for server in servers:
            if server.settings.issuer in self._servers:
                raise ValueError(f"two resource servers have the issuer {server.settings.issuer!r}")
            self._servers[server.settings.issuer] = server
        if not self._servers:
            raise ValueError("at least one resource server is needed")
        self.max_token_size = max(server.settings.max_token_size for server in self._servers.values())
        self._advice = Advice(boot_time)
        self._running = AsyncExitStack()

    def __init_subclass__(cls) -> None:
        # See ResourceServer; ``authenticate`` chooses the server by ``of``.
        cls._recalls = may_recall(cls, "authenticate", "of")

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for server in self._servers.values():
                await stack.enter_async_context(server)
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._running.aclose()

    @property
    def issuers(self) -> frozenset[str]:
        """Whose tokens are accepted."""
        return frozenset(self._servers)

    @property
    def servers(self) -> tuple[ResourceServer, ...]:
        """One for each issuer."""
        return tuple(self._servers.values())

    def key_sets(self) -> dict[str, KeySetState]:
        """The keys that are held for each issuer, for readiness and for people."""
        return {issuer: server.key_set() for issuer, server in self._servers.items()}

    def recall(self, token: bytes, *, max_revocation_staleness: float | None = None) -> Principal | None:
        """See ResourceServer."""
        if not self._recalls:
            return None
        for server in self._servers.values():
            principal = server.recall(token, max_revocation_staleness=max_revocation_staleness)
            if principal is not None:
                return principal
        return None

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        """See ResourceServer."""
        try:
            server = self.of(claimed_issuer(token, self.max_token_size))
        except TokenInvalid as error:
            self._advice.consider(error, verified=False)
            raise
        return await server.authenticate(token, max_revocation_staleness=max_revocation_staleness)

    async def check_current(self, principal: Principal, *, max_revocation_staleness: float | None = None) -> None:
        """See ResourceServer."""
        server = self.of(principal.issuer)
        await server.check_current(principal, max_revocation_staleness=max_revocation_staleness)

    async def until_refused(
        self, principal: Principal, *, max_revocation_staleness: float | None = None
    ) -> AuthenticationError:
        """See ResourceServer."""
        server = self.of(principal.issuer)
        return await server.until_refused(principal, max_revocation_staleness=max_revocation_staleness)

    def on_revoked(
        self,
        principal: Principal,
        close: Callable[[AuthenticationError], Awaitable[None]],
        *,
        max_revocation_staleness: float | None = None,
    ) -> AbstractAsyncContextManager[None]:
        """See ResourceServer."""
        server = self.of(principal.issuer)
        return server.on_revoked(principal, close, max_revocation_staleness=max_revocation_staleness)

    def principal_of(self, claims: Claims) -> Principal:
        """See ResourceServer."""
        return self.of(claims.get("iss")).principal_of(claims)

    def of(self, issuer: object) -> ResourceServer:
        """The server of this issuer. Raises TokenInvalid without one."""
        server = self._servers.get(issuer) if type(issuer) is str else None
        if server is None:
            known = ", ".join(map(repr, self._servers))
            raise TokenInvalid(f"the claim iss is {repr(issuer)[:255]}, and the issuers are {known}", Rule.ISSUER)
        return server


AnyResourceServer = ResourceServer | ResourceServers
"""Any object that authenticates: for one issuer or for several."""
