"""Bad input gets a 4xx with a stable code, the same through either address."""

import json

import httpx
import pytest

from scripts.paths import FRONTEND
from scripts.stack.isolated import RunningStack
from tests.system.people import Person, form

JSON = {"content-type": "application/json"}

CASES = {
    "bad JSON": (b"{", JSON, 400, "malformed_json"),
    "not an object": (b"[]", JSON, 400, "malformed_json"),
    "not UTF-8": (b'{"name":"\xff"}', JSON, 400, "malformed_json"),
    "no body": (b"", JSON, 400, "malformed_json"),
    "a missing field": (json.dumps({"email": "a@example.com"}).encode(), JSON, 422, "validation_failed"),
    "an empty name": (json.dumps(form(name="  ")).encode(), JSON, 422, "validation_failed"),
    "a NUL in the name": (json.dumps(form(name="a\0b")).encode(), JSON, 422, "validation_failed"),
    "a bad e-mail address": (json.dumps(form(email="nobody")).encode(), JSON, 422, "validation_failed"),
    "a number for a password": (json.dumps(form(password=12345678)).encode(), JSON, 422, "validation_failed"),
    "a weak password": (json.dumps(form(password="weak")).encode(), JSON, 422, "password_policy"),
    "a common password": (json.dumps(form(password="Password1")).encode(), JSON, 422, "password_common"),
    "an endless password": (json.dumps(form(password="Aa1" + "x" * 126)).encode(), JSON, 422, "password_policy"),
    "an oversized body": (json.dumps(form(name="x" * 70_000)).encode(), JSON, 413, "payload_too_large"),
    "a form": (b"name=a", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
    "no content type": (json.dumps(form()).encode(), {}, 415, "unsupported_media_type"),
}


@pytest.mark.parametrize("through", ["web", "api"])
@pytest.mark.parametrize("case", CASES)
def test_sign_up_refuses(stack: RunningStack, case: str, through: str) -> None:
    body, headers, status, code = CASES[case]
    base = stack.web if through == "web" else stack.api
    answer = httpx.post(f"{base}/api/auth/sign-up", content=body, headers=headers, timeout=15)

    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["detail"].endswith((".", "one."))
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("through", ["web", "api"])
def test_a_taken_address_is_named_as_such(stack: RunningStack, person: Person, through: str) -> None:
    base = stack.web if through == "web" else stack.api
    answer = httpx.post(f"{base}/api/auth/sign-up", json=form(email=person.email.upper()), timeout=15)
    assert (answer.status_code, answer.json()["code"]) == (422, "email_taken")


@pytest.mark.parametrize("through", ["web", "api"])
def test_a_wrong_password_and_an_unknown_address_look_alike(stack: RunningStack, person: Person, through: str) -> None:
    base = stack.web if through == "web" else stack.api
    wrong, unknown = (
        httpx.post(f"{base}/api/auth/sign-in", json={"email": email, "password": "Wr0ngpassword"}, timeout=15)
        for email in (person.email, "nobody@example.com")
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "invalid_credentials"


def test_every_unmet_rule_of_the_password_is_named(web: httpx.Client) -> None:
    answer = web.post("/api/auth/sign-up", json=form(password="weak"))
    assert {error["code"] for error in answer.json()["errors"]} == {"min_length", "uppercase", "number"}


PASSWORD_ENDPOINTS = ["/api/auth/sign-up", "/api/auth/sign-up/email", "/api/session/sign-up"]


@pytest.mark.parametrize("path", PASSWORD_ENDPOINTS)
def test_no_endpoint_accepts_a_weak_password(stack: RunningStack, web: httpx.Client, path: str) -> None:
    answer = web.post(path, json=form(password="alllowercase"), headers={"Origin": stack.web})
    assert (answer.status_code, answer.json()["code"]) == (422, "password_policy")


def test_a_changed_password_must_meet_the_policy_too(person: Person) -> None:
    change = {"currentPassword": "Corr3ctHorse", "newPassword": "alllowercase"}
    answer = person.client.post("/api/auth/change-password", json=change)
    assert (answer.status_code, answer.json()["code"]) == (422, "password_policy")


def test_another_site_may_not_use_the_session(stack: RunningStack, person: Person) -> None:
    foreign = {"Origin": "https://evil.example"}
    for method, path in (("POST", "/api/backend/notes"), ("POST", "/api/session/sign-out")):
        answer = person.client.request(method, path, headers=foreign, json={"title": "x", "body": ""})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert httpx.get(f"{stack.api}/api/me", headers=person.bearer).status_code == 200


def test_the_list_of_common_passwords_is_not_sent_to_browsers(stack: RunningStack) -> None:
    assert httpx.get(stack.web).status_code == httpx.codes.OK
    sent = [path.read_text(errors="replace") for path in (FRONTEND / ".next" / "static").rglob("*.js")]
    assert sent, "there is a build to look at"
    assert not any("iloveyou" in script for script in sent)
