"""RS256 by configuration; as many attempts as are allowed by default in production."""

from collections.abc import Iterator

import httpx
import jwt
import pytest

from scripts.stack.isolated import RunningStack, prepared_stack, short_lived_folder
from tests.system.people import form, new_email, sign_up

WINDOW = 300
"""Seconds; in the ten that are the default, a busy machine may not get four attempts done."""


@pytest.fixture(scope="module")
def rs256(stack: RunningStack) -> Iterator[RunningStack]:
    overrides = {
        "JWT_ALGORITHM": "RS256",
        "RATE_LIMIT_SIGN_IN_MAX": "3",
        "RATE_LIMIT_WINDOW": str(WINDOW),
    }
    with short_lived_folder() as folder, prepared_stack(folder, stack.urls, overrides, workers=1) as second:
        second.start("web", "api")
        yield second


def from_address(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def test_rs256_tokens_are_accepted_by_the_api(rs256: RunningStack) -> None:
    answer = httpx.post(f"{rs256.web}/api/auth/sign-up", json=form(), headers=from_address("198.51.100.1"), timeout=15)
    token = answer.json()["access_token"]
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] >= 30 * 86_400
    assert httpx.get(f"{rs256.api}/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_token_of_another_issuer_is_refused_though_its_key_is_known(stack: RunningStack, rs256: RunningStack) -> None:
    with sign_up(stack.web) as person:
        assert httpx.get(f"{stack.api}/api/me", headers=person.bearer).status_code == 200
        refused = httpx.get(f"{rs256.api}/api/me", headers=person.bearer)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


def attempt(base: str, headers: dict[str, str]) -> httpx.Response:
    # Another account each time: guesses of one are limited by themselves, whatever address they come from.
    body = {"email": new_email(), "password": "Wr0ngpassword"}
    return httpx.post(f"{base}/api/auth/sign-in", json=body, headers=headers, timeout=15)


@pytest.mark.parametrize("through", ["web", "api"])
def test_the_fourth_attempt_from_one_address_must_wait_but_not_anothers(rs256: RunningStack, through: str) -> None:
    base = rs256.web if through == "web" else rs256.api
    third = "7" if through == "web" else "8"
    attempts = [attempt(base, from_address(f"203.0.{third}.1")) for _ in range(4)]
    assert [answer.status_code for answer in attempts] == [401, 401, 401, 429]
    assert attempts[3].json()["code"] == "rate_limited"
    assert 0 < int(attempts[3].headers["retry-after"]) <= WINDOW

    assert attempt(base, from_address(f"203.0.{third}.2")).status_code == 401


def test_a_forged_header_does_not_evade_the_limit(rs256: RunningStack) -> None:
    forged = [
        {"X-Forwarded-For": f"192.0.2.{i}, 203.0.9.1", "X-Client-Ip": f"192.0.2.{i}", "X-Real-Ip": f"192.0.2.{i}"}
        for i in range(4)
    ]
    assert [attempt(rs256.web, headers).status_code for headers in forged] == [401, 401, 401, 429]
