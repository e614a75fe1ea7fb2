"""The backend-for-frontend: a revoked token is renewed unseen while its session lives, and no longer."""

import psycopg

from scripts.stack.isolated import RunningStack
from tests.system.people import sign_up

COOKIE = "access_token"


def run(stack: RunningStack, statement: str, value: object) -> None:
    """As anybody with SQL: the change, then the wait until it is in force."""
    with psycopg.connect(stack.urls.owner, autocommit=True) as owner:
        owner.execute(statement, [value])
        owner.execute("SELECT auth.await_revocations()")


def test_a_revoked_token_of_a_live_session_is_renewed_in_one_round_trip(stack: RunningStack) -> None:
    with sign_up(stack.web) as person:
        assert person.client.get("/api/backend/me").json()["roles"] == ["user"]
        held = person.client.cookies[COOKIE]
        run(stack, "UPDATE auth.\"user\" SET role = 'admin' WHERE id = %s", person.claims["sub"])

        answer = person.client.get("/api/backend/me")
        assert answer.status_code == 200
        assert answer.json()["roles"] == ["admin"]
        assert person.client.cookies[COOKIE] != held

        written = person.client.post("/api/backend/notes", json={"title": "Kept", "body": ""})
        assert written.status_code == 201


def test_a_request_body_is_not_lost_during_the_renewal(stack: RunningStack) -> None:
    with sign_up(stack.web) as person:
        person.client.get("/api/backend/me")
        run(stack, "SELECT auth.revocation_raise(ARRAY[%s])", person.claims["sub"])
        written = person.client.post("/api/backend/notes", json={"title": "Once", "body": "and once only"})
        assert written.status_code == 201
        listed = person.client.get("/api/backend/notes").json()["items"]
        assert [note["title"] for note in listed] == ["Once"]


def test_a_token_of_an_ended_session_is_not_renewed(stack: RunningStack) -> None:
    with sign_up(stack.web) as person:
        person.client.get("/api/backend/me")
        held = person.client.cookies[COOKIE]
        run(stack, "DELETE FROM auth.session WHERE id = %s", person.claims["sid"])

        answer = person.client.get("/api/backend/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
        assert person.client.cookies[COOKIE] == held, "by it the sign-in page tells why"
        assert "Your session was ended" in person.client.get("/sign-in?reason=ended").text
