"""The service with what people do today for instant revocation: a look-up of the session in Postgres on each request.

The same routes and the same verification, remembered tokens included; the look-up is by primary key, prepared, on kept
connections that are taken without waiting.
"""

import os
from typing import ClassVar

import psycopg

from api import lifespan
from api.application import create_app
from api.logging import configure_logging
from api.settings import load_settings
from resource_server.errors import TokenRevoked
from resource_server.principal import Principal
from resource_server.server import ResourceServer

QUERY = 'SELECT 1 FROM auth.session WHERE id = %s AND "expiresAt" > now()'


class SessionLookup(ResourceServer):
    """Lets in whoever's session the database still has."""

    idle: ClassVar[list[psycopg.AsyncConnection]] = []

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        principal = await super().authenticate(token, max_revocation_staleness=max_revocation_staleness)
        connection = self.idle.pop() if self.idle else await connect()
        answer = await connection.execute(QUERY, (principal.session_id,))
        found = await answer.fetchone()
        self.idle.append(connection)
        if found is None:
            raise TokenRevoked
        return principal


async def connect() -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)


settings = load_settings()
configure_logging(settings)
vars(lifespan)["ResourceServer"] = SessionLookup
app = create_app(settings)
