"""Every failure is a problem response with a code; none is a 500, and none tells of the inside."""

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from notes_api.application import BODY_LIMIT, Service
from notes_api.generated.errors import ERRORS
from tests.fixtures.service import running

SECRET = "password=hunter2"


def code_of(response: httpx.Response) -> str:
    """The problem's code, its body being in order."""
    problem = response.json()
    entry = ERRORS[problem["code"]]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.status_code == problem["status"] == entry.status
    assert (problem["type"], problem["title"], problem["detail"]) == ("about:blank", entry.title, entry.detail)
    assert response.headers.get("retry-after") == (str(entry.retry_after) if entry.retry_after else None)
    code: str = problem["code"]
    return code


async def test_unknown_address_and_method(user: httpx.AsyncClient) -> None:
    assert code_of(await user.get("/nothing")) == "not_found"
    refused = await user.put("/api/notes")
    assert code_of(refused) == "method_not_allowed"
    assert refused.headers["allow"]


@pytest.mark.parametrize(
    ("content", "content_type", "code"),
    [
        (b"{", "application/json", "malformed_json"),
        (b"[]", "application/json", "malformed_json"),
        (b'"text"', "application/json", "malformed_json"),
        (b"", "application/json", "malformed_json"),
        (b'{"title": "\xff"}', "application/json", "malformed_json"),
        (b"[" * 100_000, "application/json", "malformed_json"),
        (b"title=Milk", "application/x-www-form-urlencoded", "unsupported_media_type"),
        (b'{"title": "Milk"}', "text/plain", "unsupported_media_type"),
        (b'{"title": "Milk"}', None, "unsupported_media_type"),
        (b"x" * (BODY_LIMIT + 1), "application/json", "payload_too_large"),
    ],
)
async def test_body_that_is_not_a_json_object(
    user: httpx.AsyncClient, content: bytes, content_type: str | None, code: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert code_of(await user.post("/api/notes", content=content, headers=headers)) == code


async def test_json_by_another_name_is_json(user: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    assert (await user.post("/api/notes", content=b'{"title": "Milk"}', headers=headers)).status_code == 201


async def test_an_unexpected_error_is_a_plain_503(app: Service) -> None:
    router = APIRouter()

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError(SECRET)

    app.include_router(router)
    async with running(app) as client:
        response = await client.get("/broken")
    assert code_of(response) == "service_unavailable"
    assert SECRET not in response.text
    assert response.headers["x-request-id"]


async def test_exhausted_pool_is_a_database_outage(app: Service) -> None:
    router = APIRouter()

    @router.get("/exhausted")
    async def exhausted() -> None:
        raise PoolTimeoutError(SECRET)

    app.include_router(router)
    async with running(app) as client:
        response = await client.get("/exhausted")
    assert code_of(response) == "database_unavailable"
    assert SECRET not in response.text
