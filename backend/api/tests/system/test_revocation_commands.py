"""The operator's commands revoke tokens immediately, and never more of them than was meant: `make revoke`."""

import subprocess
import sys
from pathlib import Path

import httpx
import jwt
import pytest

from scripts.database import embedded_database
from scripts.paths import ROOT
from scripts.stack.isolated import RunningStack
from tests.system.people import Person, sign_in, sign_up

WITHOUT_THE_KEY = {"token_revoked", "token_invalid"}
"""A process that has fetched the key set since the key was replaced can't verify the token any more."""


def revoke(stack: RunningStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.identity", "revoke", *arguments],
        cwd=ROOT,
        env=stack.services["web"].environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def code(api: httpx.Client, person: Person) -> str:
    answer = api.get("/api/me", headers=person.bearer)
    return "accepted" if answer.status_code == 200 else str(answer.json()["code"])


def test_of_a_user(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_in(stack.web, person.email) as again, sign_up(stack.web) as other:
        done = revoke(stack, "user", person.email)
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, again, other)] == ["token_revoked", "token_revoked", "accepted"]
    assert person.client.get("/api/backend/me").json()["code"] == "session_ended"


def test_of_a_session(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_in(stack.web, person.email) as again:
        done = revoke(stack, "session", str(again.claims["sid"]))
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, again)] == ["accepted", "token_revoked"]
        events = person.client.get("/api/auth/account/activity").json()["events"]
    assert (events[0]["type"], events[0]["actor"]) == ("session_ended", "operator")


def test_of_everybody_with_the_keys_while_the_sessions_continue(
    stack: RunningStack, api: httpx.Client, person: Person
) -> None:
    done = revoke(stack, "all")
    assert done.returncode == 0, done.stderr
    assert code(api, person) in WITHOUT_THE_KEY
    assert person.client.get("/api/backend/me").status_code == 200, "a new token of the new key, unseen"

    keys = api.get("/api/auth/jwks").json()["keys"]
    assert jwt.get_unverified_header(person.token)["kid"] not in [key["kid"] for key in keys]
    with sign_in(stack.web, person.email) as back:
        assert code(api, back) == "accepted"


def test_of_what_does_not_exist_is_an_error_in_one_line(stack: RunningStack) -> None:
    for arguments in (["user", "nobody@example.com"], ["session", "none"], []):
        done = revoke(stack, *arguments)
        said = [line for line in done.stderr.splitlines() if ".env not found" not in line]
        assert (done.returncode, len(said)) == (1, 1), done.stderr


def make(stack: RunningStack, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make` as an operator types it, with nobody at a terminal."""
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={**stack.services["web"].environment, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_of_one_token_while_the_session_continues(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_in(stack.web, person.email) as again:
        done = make(stack, "revoke", f"TOKEN={again.claims['jti']}")
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, again)] == ["accepted", "token_revoked"]
        assert again.client.get("/api/backend/me").status_code == 200, "a new token of the same session, unseen"


def test_of_a_client_that_these_tokens_do_not_name(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    done = make(stack, "revoke", f"CLIENT={person.claims['sub']}")
    assert done.returncode == 0, done.stderr
    assert code(api, person) == "accepted"


@pytest.mark.parametrize("whose", ["user", "all"])
def test_of_what_was_issued_before_a_moment(stack: RunningStack, api: httpx.Client, person: Person, whose: str) -> None:
    words = [f"USER={person.email}"] if whose == "user" else ["ALL=1", "YES=1"]
    done = make(stack, "revoke", *words, "BEFORE=2020-01-01T00:00:00Z")
    assert done.returncode == 0, done.stderr
    assert code(api, person) == "accepted"
    keys = api.get("/api/auth/jwks").json()
    with sign_up(stack.web) as other:
        done = make(stack, "revoke", *words, "BEFORE=now")
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, other)] == [
            "token_revoked",
            "accepted" if whose == "user" else "token_revoked",
        ]
    assert api.get("/api/auth/jwks").json() == keys
    assert person.client.get("/api/backend/me").status_code == 200, "the session lives on"


HARMLESS = {
    "ALL=1 BEFORE=now with nobody to ask": (["ALL=1", "BEFORE=now"], "pass YES=1"),
    "BEFORE alone": (["BEFORE=now", "YES=1"], "usage"),
    "BEFORE with a session": (["SESSION=abc", "BEFORE=now"], "BEFORE goes with USER or ALL"),
    "BEFORE without a zone": (["ALL=1", "YES=1", "BEFORE=2026-01-31 12:00"], "a time with its zone"),
    "BEFORE of no time": (["ALL=1", "YES=1", "BEFORE=yesterday"], "a time with its zone"),
    "BEFORE of a time to come": (["ALL=1", "YES=1", "BEFORE=2099-01-01T00:00:00Z"], "a time that has passed"),
    "a token and not its jti": (["TOKEN=eyJh.eyJz.c2ln"], "not the token itself"),
    "a jti of any length": ([f"TOKEN={'t' * 401}"], "400 bytes at most"),
    "ALL=0": (["ALL=0"], "ALL takes no value but 1"),
    "ALL=no": (["ALL=no", "YES=1"], "ALL takes no value but 1"),
    "ALL=1 with nobody to ask": (["ALL=1"], "pass YES=1"),
    "ALL=1 YES=no": (["ALL=1", "YES=no"], "YES takes no value but 1"),
    "two kinds at once": (["ALL=1", "SESSION=abc", "YES=1"], "usage"),
    "nothing": ([], "usage"),
    "an empty user": (["USER="], "usage"),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_a_mistyped_command_revokes_nothing(stack: RunningStack, api: httpx.Client, person: Person, case: str) -> None:
    words, said = HARMLESS[case]
    done = make(stack, "revoke", *words, USER="root", TOKEN=str(person.claims["jti"]), BEFORE="now")
    assert done.returncode != 0
    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert code(api, person) == "accepted"


def test_a_confirmed_revocation_of_everybody_is_carried_out(
    stack: RunningStack, api: httpx.Client, person: Person
) -> None:
    done = make(stack, "revoke", "ALL=1", "YES=1")
    assert done.returncode == 0, done.stderr
    assert code(api, person) in WITHOUT_THE_KEY


@pytest.mark.parametrize("name", ["o'brien", "$(touch gone)", "a;b", 'quo"te', "`id`"])
def test_an_address_is_taken_as_it_is_written(stack: RunningStack, api: httpx.Client, name: str) -> None:
    email = f"{name}@example.com"
    if name == "o'brien":
        with sign_up(stack.web, email=email) as person:
            promoted = make(stack, "role", f"EMAIL={email}", "ROLE=admin")
            assert promoted.returncode == 0, promoted.stderr
            done = make(stack, "revoke", f"USER={email}")
            assert done.returncode == 0, done.stderr
            assert code(api, person) == "token_revoked"
        return
    done = make(stack, "revoke", f"USER={email}")
    assert f"there is no user {email}" in done.stderr


def test_a_command_that_the_state_of_the_stack_forbids_fails_with_one_line(stack: RunningStack, folder: Path) -> None:
    nowhere = make(stack, "revoke", "USER=a@example.com", DATABASE_URL="postgresql://idp@127.0.0.1:1/app")
    with embedded_database(folder / "postgres") as urls:
        unprepared = make(stack, "revoke", "ALL=1", "YES=1", DATABASE_URL=urls.owner)
    for done, said in ((nowhere, "DATABASE_URL can't be reached"), (unprepared, "run `make migrate`")):
        assert done.returncode != 0
        assert said in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
