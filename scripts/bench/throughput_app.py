"""An application of one route, protected as BENCH_CONTENDER says; run by scripts.bench.throughput."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Security
from fastapi_better_auth import BetterAuth, JwtVerifier, Session, User
from fastapi_betterauth import BetterAuth as FastapiBetterAuth

from resource_server.fastapi.routing import AuthenticatedRoute
from resource_server.fastapi.security import Authentication, install_problem_handlers
from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.verification.principal import Principal

ORIGIN = os.environ["BENCH_ORIGIN"]
ALGORITHM = os.environ["BENCH_ALGORITHM"]

authentication = Authentication()
Caller = Annotated[Principal, Security(authentication.required, scopes=["notes:read"])]
peer = FastapiBetterAuth(ORIGIN, algorithms=[ALGORITHM])
bridge = BetterAuth(verifiers=[JwtVerifier(base_url=ORIGIN, algorithms=[ALGORITHM], max_token_lifetime=86_400)])


class NothingRevoked:
    """A list of revocations that is empty and fresh."""

    def is_revoked(self, *_: object) -> bool:
        return False

    def staleness(self) -> float:
        return 0.0

    async def refresh(self) -> None:
        return


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    settings = ResourceServerSettings(issuer=ORIGIN, audience=ORIGIN, jwks_url=f"{ORIGIN}/api/auth/jwks")
    async with ResourceServer(settings, revocations=NothingRevoked()) as server:
        yield {"resource_server": server}


async def unprotected() -> dict[str, str]:
    return {"subject": "user-1"}


async def protected(caller: Caller) -> dict[str, str]:
    return {"subject": caller.subject}


async def by_peer(user: Annotated[Mapping[str, str], Depends(peer)]) -> dict[str, str]:
    return {"subject": user["sub"]}


async def by_bridge(session: Annotated[Session[User], Depends(bridge.current_session())]) -> dict[str, str]:
    return {"subject": session.user.id}


ROUTES: dict[str, Callable[..., Awaitable[dict[str, str]]]] = {
    "unprotected": unprotected,
    "resource_server": protected,
    "resource_server, as a dependency": protected,
    "fastapi-betterauth": by_peer,
    "fastapi-better-auth-bridge": by_bridge,
}


def create_app(contender: str) -> FastAPI:
    created = FastAPI(lifespan=lifespan, openapi_url=None)
    if contender == "resource_server":
        created.router.route_class = AuthenticatedRoute
    install_problem_handlers(created)
    created.get("/")(ROUTES[contender])
    return created


app = create_app(os.environ["BENCH_CONTENDER"])
