"""`/healthz`, `/readyz` and `/metrics`, for orchestrators and scrapers.

In production `/metrics`, and what `/readyz` says beyond yes or no, are for holders of MANAGEMENT_TOKEN.
"""

import math
from typing import Literal

from fastapi import APIRouter, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from notes_api.health import readiness
from notes_api.health.access import require_access, shows_details
from notes_api.health.metrics import exposition
from resource_server.revocation import RevocationFeed

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Revocations(BaseModel):
    """This worker's view of the revocations: the transport, the lag in seconds, and how many it holds."""

    transport: str
    lag: float | None
    sessions: int
    users: int


class Readiness(BaseModel):
    """`checks` has for each dependency `ok`, or what is not ready and why; null without permission."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str] | None = None
    revocations: Revocations | None = None


@router.get("/healthz")
async def healthz() -> Health:
    """The process runs and answers; checks nothing else."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready."}})
async def readyz(request: Request, response: Response) -> Readiness:
    """Whether requests can be served, and if not, what is missing."""
    checks = await readiness.check(request.state)
    ready = all(outcome == readiness.OK for outcome in checks.values())
    if not ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "1"
    outcome: Literal["ready", "not_ready"] = "ready" if ready else "not_ready"
    if not shows_details(request):
        return Readiness(status=outcome)
    return Readiness(status=outcome, checks=checks, revocations=view(request.state.revocations))


def view(feed: RevocationFeed | None) -> Revocations | None:
    if feed is None:
        return None
    status = feed.status()
    return Revocations(
        transport=status.transport,
        lag=round(status.staleness, 3) if math.isfinite(status.staleness) else None,
        sessions=status.sessions,
        users=status.users,
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    require_access(request)
    return Response(exposition(), media_type=CONTENT_TYPE_LATEST)
