"""The caller of a connection that carries a ticket in place of a token."""

from fastapi.security import SecurityScopes
from starlette.requests import HTTPConnection

from resource_server.fastapi.dependencies import Authentication
from resource_server.tickets import Tickets
from resource_server.verification.errors import InsufficientScope, TokenMissing
from resource_server.verification.principal import Principal


class TicketPrincipal:
    """A dependency: the caller who got the ticket in the query parameter ``ticket``."""

    def __init__(self, authentication: Authentication, tickets: Tickets) -> None:
        self._authentication = authentication
        self._tickets = tickets

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """Raises an AuthenticationError."""
        ticket = connection.query_params.get("ticket")
        if ticket is None:
            raise TokenMissing("no ticket was sent")
        server = self._authentication.server(connection)
        principal = await self._tickets.accept(ticket, connection.url.path, server)
        if not set(security_scopes.scopes) <= principal.scopes:
            raise InsufficientScope(security_scopes.scopes)
        return principal
