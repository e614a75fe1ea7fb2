"""The operator's commands call tokens back at once: `make revoke USER=… | SESSION=… | ALL=1`."""

import subprocess
import sys

import httpx
import jwt

from scripts.paths import ROOT
from scripts.running import RunningStack
from tests.system.people import Person, sign_in, sign_up


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
    return "let in" if answer.status_code == 200 else str(answer.json()["code"])


def test_of_a_user(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_in(stack.web, person.email) as again, sign_up(stack.web) as other:
        done = revoke(stack, "user", person.email)
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, again, other)] == ["token_revoked", "token_revoked", "let in"]
    assert person.client.get("/api/backend/me").json()["code"] == "session_ended"


def test_of_a_session(stack: RunningStack, api: httpx.Client, person: Person) -> None:
    with sign_in(stack.web, person.email) as again:
        done = revoke(stack, "session", str(again.claims["sid"]))
        assert done.returncode == 0, done.stderr
        assert [code(api, one) for one in (person, again)] == ["let in", "token_revoked"]
        events = person.client.get("/api/auth/account/activity").json()["events"]
    assert (events[0]["type"], events[0]["actor"]) == ("session_ended", "operator")


def test_of_everybody_with_the_keys_and_the_sessions_live_on(
    stack: RunningStack, api: httpx.Client, person: Person
) -> None:
    done = revoke(stack, "all")
    assert done.returncode == 0, done.stderr
    assert code(api, person) == "token_revoked"
    assert person.client.get("/api/backend/me").status_code == 200, "a new token of the new key, unseen"

    keys = api.get("/api/auth/jwks").json()["keys"]
    assert jwt.get_unverified_header(person.token)["kid"] not in [key["kid"] for key in keys]
    with sign_in(stack.web, person.email) as back:
        assert code(api, back) == "let in"


def test_of_what_does_not_exist_is_an_error_in_one_line(stack: RunningStack) -> None:
    for arguments in (["user", "nobody@example.com"], ["session", "none"], []):
        done = revoke(stack, *arguments)
        said = [line for line in done.stderr.splitlines() if ".env not found" not in line]
        assert (done.returncode, len(said)) == (1, 1), done.stderr
