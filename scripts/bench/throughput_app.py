"""An application of one route, protected as BENCH_CONTENDER says; run by scripts.bench.throughput."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi_better_auth import BetterAuth, JwtVerifier, Session, User
from fastapi_betterauth import BetterAuth as FastapiBetterAuth

from resource_server.fastapi import Auth, AuthenticatedRoute, Principal

ORIGIN = os.environ["BENCH_ORIGIN"]
ALGORITHM = os.environ["BENCH_ALGORITHM"]

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


auth = Auth.better_auth(ORIGIN, audience=ORIGIN, revocations=NothingRevoked())
Caller = Annotated[Principal, auth.requires("notes:read")]


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
    "resource_server, in a router": protected,
    "resource_server, as a dependency": protected,
    "fastapi-betterauth": by_peer,
    "fastapi-better-auth-bridge": by_bridge,
}


def create_app(contender: str) -> FastAPI:
    created = FastAPI(lifespan=auth.lifespan, openapi_url=None)
    auth.install(created)
    router = APIRouter(route_class=AuthenticatedRoute if "router" in contender else APIRoute)
    target: FastAPI | APIRouter = created if contender == "resource_server" else router
    target.get("/")(ROUTES[contender])
    created.include_router(router)
    return created


app = create_app(os.environ["BENCH_CONTENDER"])
