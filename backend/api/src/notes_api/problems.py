"""Every failure as a problem response (RFC 9457) with a code of `shared-schema/errors.json`; none is a 500."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from notes_api.generated.errors import ERRORS, ErrorCode

log = structlog.stdlib.get_logger(__name__)

CODE_OF_STATUS: Mapping[int, ErrorCode] = {
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}
DATABASE_OUTAGES: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    PoolTimeoutError,
    psycopg.OperationalError,
)


class FieldError(TypedDict):
    """One thing that is wrong with one field of the request."""

    field: str
    code: str
    message: str


class Problem(HTTPException):
    """A refusal by code; the handler renders it, a route only raises it."""

    def __init__(self, code: ErrorCode, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(ERRORS[code].status, ERRORS[code].title)
        self.code: ErrorCode = code
        self.errors = tuple(errors)


def problem_response(
    code: ErrorCode, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem response of a code, with `Retry-After` in seconds where the catalogue gives one."""
    entry, listed = ERRORS[code], list(errors)
    body = {
        "type": "about:blank",
        "title": entry.title,
        "status": entry.status,
        "detail": entry.detail,
        "code": code,
    }
    extra = {"Cache-Control": "no-store", **(headers or {})}
    if entry.retry_after is not None:
        extra["Retry-After"] = str(entry.retry_after)
    return JSONResponse(
        body | ({"errors": listed} if listed else {}), entry.status, extra, media_type="application/problem+json"
    )


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Problem):
        return problem_response(error.code, error.errors)
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 400 and is_json(request):
        # FastAPI reports a body that can't be decoded, or is nested too deeply, like this.
        return problem_response("malformed_json")
    fallback: Literal["bad_request", "service_unavailable"] = (
        "bad_request" if error.status_code < 500 else "service_unavailable"
    )
    return problem_response(CODE_OF_STATUS.get(error.status_code, fallback), headers=error.headers)


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem_response("malformed_json")
    if any(item["loc"] == ("body",) for item in found):
        return problem_response("malformed_json" if is_json(request) else "unsupported_media_type")
    return problem_response("validation_failed", map(field_error, found))


def is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def field_error(item: Mapping[str, object]) -> FieldError:
    location = item["loc"]
    path = location[1:] if isinstance(location, tuple) else ()
    message = str(item["msg"]).removeprefix("Value error, ")
    return FieldError(field=".".join(str(part) for part in path), code=str(item["type"]), message=message)


async def on_database_outage(_request: Request, error: Exception) -> JSONResponse:
    log.warning("database_unavailable", error=type(error).__name__, reason=str(error).partition("\n")[0])
    return problem_response("database_unavailable")


def install_handlers(app: FastAPI) -> None:
    """Handles all failures except unexpected ones, which `middleware.unexpected` answers."""
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    for outage in DATABASE_OUTAGES:
        app.add_exception_handler(outage, on_database_outage)
