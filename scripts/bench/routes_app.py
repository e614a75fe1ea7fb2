"""One protected route three ways: by the list of revocations in memory, and by a look-up of the session in Postgres.

The look-up is what people do today for instant revocation: with an SQLAlchemy session, as the service's own routes have
it, or at the least that it can cost, prepared and on kept connections that are taken without waiting. The tokens are
verified in the same way for all.
"""

import os
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar

import psycopg
from fastapi import APIRouter, FastAPI, Security
from sqlalchemy import text

from notes_api.database import Database
from resource_server.fastapi import AuthenticatedRoute, Authentication, install_problem_handlers
from resource_server.revocation import PostgresRevocationFeed
from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.verification.errors import TokenRevoked
from resource_server.verification.principal import Principal

ORIGIN = os.environ["BENCH_ORIGIN"]
DATABASE_URL = os.environ["BENCH_DATABASE_URL"]
QUERY = 'SELECT 1 FROM auth.session WHERE id = :id AND "expiresAt" > now()'

by_list = Authentication(state_key="by_list")
by_orm = Authentication(state_key="by_orm")
by_statement = Authentication(state_key="by_statement")


class SessionLookup(ResourceServer):
    """Lets in whoever's session the database still has."""

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        principal = await super().authenticate(token, max_revocation_staleness=max_revocation_staleness)
        if not await self.is_alive(principal.session_id):
            raise TokenRevoked
        return principal

    @abstractmethod
    async def is_alive(self, session_id: str | None) -> bool: ...


class OrmLookup(SessionLookup):
    database: ClassVar = Database.at(DATABASE_URL)

    async def is_alive(self, session_id: str | None) -> bool:
        async with self.database.session() as session:
            found = await session.connection()
            return (await found.execute(text(QUERY), {"id": session_id})).first() is not None


class StatementLookup(SessionLookup):
    idle: ClassVar[list[psycopg.AsyncConnection]] = []

    async def is_alive(self, session_id: str | None) -> bool:
        connection = self.idle.pop() if self.idle else await connect()
        answer = await connection.execute(QUERY.replace(":id", "%s"), (session_id,))
        found = await answer.fetchone()
        self.idle.append(connection)
        return found is not None


async def connect() -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(DATABASE_URL, autocommit=True, prepare_threshold=0)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    settings = ResourceServerSettings(issuer=ORIGIN, audience=ORIGIN, jwks_url=f"{ORIGIN}/api/auth/jwks")
    async with (
        PostgresRevocationFeed(DATABASE_URL) as feed,
        ResourceServer(settings, revocations=feed) as listed,
        OrmLookup(settings) as orm,
        StatementLookup(settings) as statement,
    ):
        await feed.refresh()
        yield {"by_list": listed, "by_orm": orm, "by_statement": statement}


app = FastAPI(lifespan=lifespan)
install_problem_handlers(app)
router = APIRouter(route_class=AuthenticatedRoute)


@router.get("/list")
async def listed(caller: Annotated[Principal, Security(by_list.required, scopes=["notes:read"])]) -> dict[str, str]:
    return {"subject": caller.subject}


@router.get("/orm")
async def orm(caller: Annotated[Principal, Security(by_orm.required, scopes=["notes:read"])]) -> dict[str, str]:
    return {"subject": caller.subject}


@router.get("/statement")
async def statement(
    caller: Annotated[Principal, Security(by_statement.required, scopes=["notes:read"])],
) -> dict[str, str]:
    return {"subject": caller.subject}


app.include_router(router)
