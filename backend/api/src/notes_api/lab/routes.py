"""What a lab process answers: to the identity provider, which opens and closes labs, and to a lab's token."""

import hmac
from time import perf_counter
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from notes_api.lab.followers import Follower, Followers, TooManyLabs
from notes_api.lab.ordinary import OrdinaryCheck
from notes_api.lab.settings import LabSettings
from notes_api.problems import Problem, problem_response
from resource_server import AuthenticationError

router = APIRouter()


class View(BaseModel):
    """A follower as the identity provider sees it. `listener`: its id in the database. `bound`: of staleness, in s."""

    listener: str
    following: bool
    bound: float


def require_credential(request: Request) -> None:
    settings: LabSettings = request.state.settings
    expected = f"Bearer {settings.lab_credential.get_secret_value()}"
    if not hmac.compare_digest(expected.encode(), request.headers.get("authorization", "").encode()):
        raise Problem("token_invalid")


def follower_of(request: Request, lab: UUID) -> Follower:
    followers: Followers = request.state.followers
    follower = followers.get(lab)
    if follower is None:
        raise Problem("not_found")
    return follower


def token_of(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


OfLab = Annotated[Follower, Depends(follower_of)]
Token = Annotated[str, Depends(token_of)]
FOR_IDENTITY_PROVIDER = [Depends(require_credential)]


def view(follower: Follower) -> View:
    return View(
        listener=str(follower.feed.listener),
        following=follower.is_following,
        bound=follower.server.settings.max_revocation_staleness,
    )


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process runs and answers."""
    return {"status": "ok"}


@router.put("/labs/{lab}", dependencies=FOR_IDENTITY_PROVIDER)
async def open_lab(request: Request, lab: UUID) -> View:
    followers: Followers = request.state.followers
    try:
        return view(await followers.open(lab))
    except TooManyLabs:
        raise Problem("overloaded") from None


@router.delete("/labs/{lab}", status_code=204, dependencies=FOR_IDENTITY_PROVIDER)
async def close_lab(request: Request, lab: UUID) -> None:
    followers: Followers = request.state.followers
    await followers.close(lab)


@router.put("/labs/{lab}/feed", dependencies=FOR_IDENTITY_PROVIDER)
async def start_feed(follower: OfLab) -> View:
    await follower.follow()
    return view(follower)


@router.delete("/labs/{lab}/feed", dependencies=FOR_IDENTITY_PROVIDER)
async def stop_feed(follower: OfLab) -> View:
    await follower.stop_following()
    return view(follower)


@router.get("/labs/{lab}")
async def ask(follower: OfLab, token: Token) -> Response:
    """The check that this project makes: 200 with the time that it took, or the refusal."""
    started = perf_counter()
    try:
        await follower.server.authenticate(token)
    except AuthenticationError as error:
        body: dict[str, object] = dict(error.problem)
        status, headers, media_type = error.status, error.headers, "application/problem+json"
    else:
        body, status = {"microseconds": round(1e6 * (perf_counter() - started), 1)}, 200
        headers, media_type = {"Cache-Control": "no-store"}, "application/json"
    body |= {"following": follower.is_following, "staleness": follower.staleness()}
    return JSONResponse(body, status, headers, media_type=media_type)


@router.get("/ordinary")
def ask_ordinary(request: Request, token: Token) -> Response:
    """The check that is made elsewhere. In a thread: it fetches keys while it blocks."""
    check: OrdinaryCheck = request.state.ordinary
    started = perf_counter()
    try:
        check(token)
    except jwt.PyJWKClientError:
        return problem_response("keys_unavailable")
    except jwt.PyJWTError:
        return problem_response("token_invalid")
    microseconds = round(1e6 * (perf_counter() - started), 1)
    return JSONResponse({"microseconds": microseconds}, headers={"Cache-Control": "no-store"})
