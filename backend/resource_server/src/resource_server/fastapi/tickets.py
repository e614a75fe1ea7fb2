"""The caller of a connection that carries a ticket instead of a token."""

from fastapi.security import SecurityScopes
from starlette.requests import HTTPConnection

from resource_server.fastapi.dependencies import Authentication
from resource_server.fastapi.problems import note_without_handler
from resource_server.tickets import Tickets
from resource_server.verification.errors import AuthenticationError, TokenMissing
from resource_server.verification.permission import check_permission
from resource_server.verification.principal import Principal


class TicketPrincipal:
    """A dependency: the caller who got the ticket in the query parameter ``ticket``."""

    def __init__(self, authentication: Authentication, tickets: Tickets) -> None:
        self._authentication = authentication
        self._tickets = tickets

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        """Raises an AuthenticationError."""
        try:
            ticket = connection.query_params.get("ticket")
            if ticket is None:
                raise TokenMissing("no ticket was sent")
            server = self._authentication.server(connection)
            principal = await self._tickets.accept(ticket, connection.url.path, server)
            check_permission(principal, security_scopes.scopes, frozenset())
        except AuthenticationError as error:
            note_without_handler(connection, error)
            raise
        return principal
