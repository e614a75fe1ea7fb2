"""Who is in control: people of their own sessions, administrators of everybody's, and both at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from scripts.stack.isolated import RunningStack
from tests.system.people import PASSWORD, Person, sign_in, sign_up

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def elsewhere(stack: RunningStack, person: Person) -> Iterator[Person]:
    """The same person, signed in on another device."""
    with sign_in(stack.web, person.email) as again:
        yield again


@pytest.fixture
def admin(stack: RunningStack) -> Iterator[Person]:
    with sign_up(stack.web) as signed_up:
        with psycopg.connect(stack.urls.owner) as owner:
            owner.execute("UPDATE auth.\"user\" SET role = 'admin' WHERE email = %s", [signed_up.email])
        yield signed_up


def outcome(api: httpx.Client, person: Person) -> str:
    """`accepted`, or the refusal's code, of the protected route."""
    answer = api.get("/api/me", headers=person.bearer)
    return "accepted" if answer.status_code == 200 else str(answer.json()["code"])


def post(person: Person, path: str, **body: object) -> None:
    answer = person.client.post(f"/api/auth/{path}", json=body)
    assert answer.status_code == 200, answer.text


def events(person: Person) -> list[tuple[str, str]]:
    answer = person.client.get("/api/auth/account/activity").json()
    return [(event["type"], event["actor"]) for event in answer["events"]]


def test_a_person_sees_their_sessions_and_which_one_this_is(person: Person, elsewhere: Person) -> None:
    elsewhere.client.get("/api/auth/get-session", headers={"User-Agent": FIREFOX})
    sessions = person.client.get("/api/auth/account/sessions").json()["sessions"]

    assert {session["id"]: session["current"] for session in sessions} == {
        person.claims["sid"]: True,
        elsewhere.claims["sid"]: False,
    }
    assert all(session["ipAddress"] and session["createdAt"] and session["lastSeenAt"] for session in sessions)


def test_ending_one_session_ends_that_one_only(api: httpx.Client, person: Person, elsewhere: Person) -> None:
    post(person, "account/sessions/end", id=elsewhere.claims["sid"])
    assert (outcome(api, elsewhere), outcome(api, person)) == ("token_revoked", "accepted")


def test_nobody_ends_the_session_of_another(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_up(stack.web) as other:
        answer = other.client.post("/api/auth/account/sessions/end", json={"id": person.claims["sid"]})
    assert answer.status_code == 404
    assert outcome(api, person) == "accepted"


def test_ending_the_others_spares_this_one(api: httpx.Client, person: Person, elsewhere: Person) -> None:
    post(person, "account/sessions/end-others")
    assert (outcome(api, elsewhere), outcome(api, person)) == ("token_revoked", "accepted")


def test_ending_all_ends_this_one_too(api: httpx.Client, person: Person, elsewhere: Person) -> None:
    post(person, "account/sessions/end-all")
    assert (outcome(api, elsewhere), outcome(api, person)) == ("token_revoked", "token_revoked")


def test_a_new_password_ends_the_sessions_of_the_old_one(
    stack: RunningStack, api: httpx.Client, person: Person, elsewhere: Person
) -> None:
    post(person, "change-password", currentPassword=PASSWORD, newPassword="N3wPassword")
    assert (outcome(api, elsewhere), outcome(api, person)) == ("token_revoked", "token_revoked")
    assert person.client.get("/api/backend/me").status_code == 200, "this browser stays signed in"
    assert elsewhere.client.get("/api/backend/me").json()["code"] == "session_ended"
    with sign_in(stack.web, person.email, "N3wPassword") as again:
        assert outcome(api, again) == "accepted"


def test_a_temporary_ban_lasts_until_its_end(
    stack: RunningStack, api: httpx.Client, person: Person, admin: Person
) -> None:
    user = person.claims["sub"]
    post(admin, "admin/ban-user", userId=user, banReason="spam", banExpiresIn=3_600)
    assert outcome(api, person) == "token_revoked"
    refused = httpx.post(
        f"{stack.web}/api/auth/sign-in", json={"email": person.email, "password": PASSWORD}, timeout=15
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "account_banned")

    with psycopg.connect(stack.urls.owner) as owner:
        past = datetime.now(UTC) - timedelta(seconds=1)
        owner.execute('UPDATE auth."user" SET "banExpires" = %s WHERE id = %s', [past, user])
    with sign_in(stack.web, person.email) as back:
        assert outcome(api, back) == "accepted"
    assert outcome(api, person) == "token_revoked", "an old token does not come back to life"


def test_a_change_of_role_counts_from_the_next_request_on(api: httpx.Client, person: Person, admin: Person) -> None:
    post(admin, "admin/set-role", userId=person.claims["sub"], role="admin")
    assert outcome(api, person) == "token_revoked"
    assert person.client.get("/api/backend/me").json()["roles"] == ["admin"]


def test_an_administrator_ends_all_sessions_of_a_user(
    api: httpx.Client, person: Person, elsewhere: Person, admin: Person
) -> None:
    post(admin, "admin/revoke-user-sessions", userId=person.claims["sub"])
    assert (outcome(api, elsewhere), outcome(api, person)) == ("token_revoked", "token_revoked")


def test_a_user_is_no_administrator(person: Person, admin: Person) -> None:
    for path in ("ban-user", "revoke-user-sessions", "remove-user"):
        answer = person.client.post(f"/api/auth/admin/{path}", json={"userId": admin.claims["sub"]})
        assert answer.status_code == 403, path
    assert admin.client.get("/api/backend/me").status_code == 200


def test_what_happened_is_shown_to_the_person_whom_it_happened_to(
    person: Person, elsewhere: Person, admin: Person
) -> None:
    post(person, "account/sessions/end", id=elsewhere.claims["sid"])
    post(admin, "admin/set-role", userId=person.claims["sub"], role="admin")

    assert events(person) == [
        ("role_changed", "administrator"),
        ("session_ended", "you"),
        ("signed_in", "you"),
        ("signed_up", "you"),
    ]
