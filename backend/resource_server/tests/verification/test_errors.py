"""The refusals as clients see them: the shared contract, RFC 6750 and RFC 9457."""

import json
from pathlib import Path

import pytest

from resource_server.verification.errors import (
    AuthenticationError,
    InsufficientRole,
    InsufficientScope,
    KeysUnavailable,
    RevocationStale,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenRevoked,
)

CONTRACT = json.loads((Path(__file__).parents[4] / "shared-schema" / "errors.json").read_text(encoding="utf-8"))
REFUSALS: list[AuthenticationError] = [
    TokenMissing(),
    TokenInvalid("bad"),
    TokenExpired(),
    TokenRevoked(),
    InsufficientScope(("notes:read", "notes:write")),
    InsufficientRole(("admin",)),
    KeysUnavailable("down"),
    RevocationStale(),
]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.code)
def test_text_and_status_are_those_of_the_contract(error: AuthenticationError) -> None:
    expected = {"status": error.status, "title": error.title, "detail": error.detail}
    if error.retry_after is not None:
        expected["retryAfter"] = error.retry_after
    assert CONTRACT[error.code] == expected
    assert error.problem == {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }


def test_a_missing_token_is_challenged_without_an_error() -> None:
    assert TokenMissing().headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("error", [TokenInvalid("bad"), TokenExpired(), TokenRevoked()], ids=lambda error: error.code)
def test_an_invalid_token_is_challenged_as_invalid(error: AuthenticationError) -> None:
    assert error.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_a_missing_scope_is_named_in_the_challenge() -> None:
    challenge = InsufficientScope(("notes:read", "notes:write")).headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="notes:read notes:write"'


def test_a_missing_role_is_challenged_without_scopes() -> None:
    assert InsufficientRole(("admin",)).headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_a_missing_role_is_not_called_a_scope() -> None:
    assert "scope" not in json.dumps(InsufficientRole(("admin",)).problem)


@pytest.mark.parametrize("error", [KeysUnavailable("down"), RevocationStale()], ids=lambda error: error.code)
def test_an_outage_asks_to_try_again_without_a_challenge(error: AuthenticationError) -> None:
    assert error.headers["Retry-After"] == "5"
    assert "WWW-Authenticate" not in error.headers
