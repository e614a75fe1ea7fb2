"""Sign up, hold a 30-day JWT, be let into FastAPI."""

import json

import httpx
import jsonschema
import jwt
import psycopg
import pytest

from scripts.paths import ROOT
from scripts.stack.isolated import RunningStack
from tests.system.people import Person, form, sign_in, sign_up

THIRTY_DAYS = 30 * 86_400


def address(stack: RunningStack, through: str) -> str:
    return {"web": stack.web, "api": stack.api}[through]


@pytest.mark.parametrize("through", ["web", "api"])
def test_sign_up_answers_with_a_thirty_day_token_and_sets_the_session(stack: RunningStack, through: str) -> None:
    body = form()
    answer = httpx.post(f"{address(stack, through)}/api/auth/sign-up", json=body, timeout=15)

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    content = answer.json()
    assert content["user"]["email"] == body["email"]
    assert content["token_type"] == "Bearer"
    assert content["expires_in"] == THIRTY_DAYS
    claims = jwt.decode(content["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == THIRTY_DAYS
    assert any("session_token" in cookie for cookie in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("through", ["web", "api"])
def test_sign_in_gives_a_token_that_the_api_accepts(stack: RunningStack, person: Person, through: str) -> None:
    with sign_in(address(stack, through), person.email) if through == "web" else relayed_sign_in(stack, person) as back:
        answer = httpx.get(f"{stack.api}/api/me", headers=back.bearer)
    assert answer.status_code == 200
    assert answer.json()["email"] == person.email


def relayed_sign_in(stack: RunningStack, person: Person) -> Person:
    client = httpx.Client(base_url=stack.api, timeout=15)
    answer = client.post("/api/auth/sign-in", json={"email": person.email, "password": "Corr3ctHorse"})
    assert answer.status_code == 200, answer.text
    return Person(person.email, answer.json()["access_token"], client)


def test_claims_conform_to_the_contract(person: Person) -> None:
    schema = json.loads((ROOT / "shared-schema" / "claims.schema.json").read_text())
    jsonschema.validate(person.claims, schema)
    assert person.claims["scope"] == "notes:read notes:write"
    assert person.claims["roles"] == ["user"]


def test_the_api_accepts_the_bearer_and_nobody_else(api: httpx.Client, person: Person) -> None:
    assert api.get("/api/me", headers=person.bearer).status_code == 200

    refused = api.get("/api/me")
    assert refused.status_code == 401
    assert refused.json()["code"] == "token_missing"
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "error=" not in refused.headers["www-authenticate"]

    forged = person.token[:-8] + ("AAAAAAAA" if not person.token.endswith("AAAAAAAA") else "BBBBBBBB")
    refused = api.get("/api/me", headers={"Authorization": f"Bearer {forged}"})
    assert refused.status_code == 401
    assert refused.json()["code"] == "token_invalid"
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_a_note_written_in_the_browser_is_listed_by_the_api(api: httpx.Client, person: Person) -> None:
    written = person.client.post("/api/backend/notes", json={"title": "Milk", "body": "Two bottles"})
    assert written.status_code == 201, written.text

    listed = api.get("/api/notes", headers=person.bearer)
    assert [note["title"] for note in listed.json()["items"]] == ["Milk"]


def test_anothers_note_is_not_found(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    note = api.post("/api/notes", json={"title": "Mine", "body": ""}, headers=person.bearer).json()
    with sign_up(stack.web) as other:
        assert api.get(f"/api/notes/{note['id']}", headers=other.bearer).status_code == 404
    assert api.get(f"/api/notes/{note['id']}", headers=person.bearer).status_code == 200


def test_sign_out_ends_the_session_and_its_token(api: httpx.Client, person: Person) -> None:
    assert person.client.post("/api/session/sign-out").status_code == 204

    assert person.client.get("/api/backend/me").json()["code"] == "session_ended"
    refused = api.get("/api/me", headers=person.bearer)
    assert refused.status_code == 401
    assert refused.json()["code"] == "token_revoked"


@pytest.mark.parametrize("through", ["web", "api"])
def test_a_token_alone_ends_its_session_at_either_address(stack: RunningStack, through: str) -> None:
    sign_out = f"{address(stack, through)}/api/auth/sign-out"
    with sign_up(stack.web) as person, sign_up(stack.web) as other:
        nothing = httpx.post(sign_out, timeout=15)
        assert (nothing.status_code, nothing.json()["code"]) == (401, "token_missing")
        forged = httpx.post(
            sign_out, headers={"Authorization": f"{person.bearer['Authorization'][:-8]}AAAAAAAA"}, timeout=15
        )
        assert (forged.status_code, forged.json()["code"]) == (401, "token_invalid")
        assert httpx.get(f"{stack.api}/api/me", headers=person.bearer).status_code == 200

        ended = httpx.post(sign_out, headers=person.bearer, timeout=15)
        assert (ended.status_code, ended.json()) == (200, {"success": True})
        refused = httpx.get(f"{stack.api}/api/me", headers=person.bearer)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
        assert person.client.get("/api/auth/get-session").json() is None
        again = httpx.post(sign_out, headers=person.bearer, timeout=15)
        assert (again.status_code, again.json()["code"]) == (401, "token_revoked")
        assert httpx.get(f"{stack.api}/api/me", headers=other.bearer).status_code == 200


@pytest.mark.parametrize("through", ["web", "api"])
def test_a_token_is_renewed_at_either_address_and_its_use_later_ends_the_session(
    stack: RunningStack, through: str
) -> None:
    renew = f"{address(stack, through)}/api/auth/renew"
    with sign_up(stack.web) as person, psycopg.connect(stack.urls.owner, autocommit=True) as idp:
        answer = httpx.post(renew, headers=person.bearer, timeout=15)
        assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
        renewed = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        for bearer in (person.bearer, renewed):
            assert httpx.get(f"{stack.api}/api/me", headers=bearer).status_code == 200, "both for a minute"
        browser = httpx.post(renew, headers=person.bearer | {"Origin": stack.web}, timeout=15)
        assert (browser.status_code, browser.json()["code"]) == (403, "token_not_for_browsers")

        idp.execute(
            "UPDATE auth.revocation_renewal SET renewed_at = renewed_at - interval '1 minute' WHERE jti = %s",
            (person.claims["jti"],),
        )
        reused = httpx.post(renew, headers=person.bearer, timeout=15)
        assert (reused.status_code, reused.json()["code"]) == (401, "token_reused")
        for bearer in (person.bearer, renewed):
            refused = httpx.get(f"{stack.api}/api/me", headers=bearer)
            assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


def test_a_token_is_never_minted_for_longer_than_its_session(stack: RunningStack, person: Person) -> None:
    answer = httpx.post(
        f"{stack.web}/api/auth/sign-in",
        json={"email": person.email, "password": "Corr3ctHorse", "rememberMe": False},
        timeout=15,
    )
    assert answer.json()["expires_in"] <= 86_400
