"""`python -m resource_server doctor`, from the environment to the exit status."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from resource_server.__main__ import main
from resource_server.testing.issuer import FakeIssuer
from shared_fixtures.postgres import Addresses

CREDENTIAL = "a-credential-that-nobody-may-see"


class Application(BaseHTTPRequestHandler):
    """Accepts a token until it was signed out, or for ever."""

    signed_out = False
    forgetful = False

    def do_GET(self) -> None:
        refused = type(self).signed_out and not self.forgetful
        self.answer(401 if refused else 200, {"code": "token_revoked"} if refused else {})

    def do_POST(self) -> None:
        type(self).signed_out = True
        self.answer(200, {})

    def answer(self, status: int, body: dict[str, str]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def application(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def environment(served_issuer: FakeIssuer, database: Addresses, monkeypatch: pytest.MonkeyPatch) -> FakeIssuer:
    values = {
        "AUTH_ISSUER": served_issuer.settings.issuer,
        "AUTH_AUDIENCE": served_issuer.settings.audience,
        "AUTH_JWKS_URL": served_issuer.jwks_url,
        "DATABASE_URL": database.api,
        "REVOCATION_FEED_TOKEN": CREDENTIAL,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return served_issuer


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    status = main(["doctor", "--json", *arguments])
    said = capsys.readouterr().out
    assert CREDENTIAL not in said
    return status, {found["code"]: found["problem"] for found in json.loads(said)["findings"]}


@pytest.mark.usefixtures("environment")
def test_the_exit_status_is_0_without_a_fault_and_1_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys) == (0, {"ok": ""})
    status, found = ask(capsys, "--jwks-url", "http://127.0.0.1:9/jwks")
    assert status == 1
    assert "key_set_unreachable" in found


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--feed", "off"], "feed_off"),
        (["--feed", "http"], "feed_address"),
        (["--feed", "http", "--feed-url", "http://127.0.0.1:9/feed"], "feed_unreachable"),
        (["--algorithms", "HS256"], "setting_refused"),
        (["--issuer", ""], "setting_missing"),
    ],
)
def test_an_invalid_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    if code == "setting_missing":
        monkeypatch.delenv("AUTH_ISSUER")
    status, found = ask(capsys, *arguments)
    assert status == 1
    assert code in found


@pytest.mark.parametrize(("seconds", "status"), [("5", 0), ("1", 1), ("60", 0)])
@pytest.mark.usefixtures("environment")
def test_a_bound_on_staleness_that_is_too_low_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seconds: str, status: int
) -> None:
    monkeypatch.setenv("AUTH_REVOCATION_MAX_STALENESS", seconds)
    ended, found = ask(capsys)
    assert ended == status
    assert ("staleness_too_low" in found) is (seconds != "60")


def with_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))


def test_a_token_is_verified_accepted_revoked_and_refused(
    environment: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_token(monkeypatch, environment.token())
    with application(type("Fresh", (Application,), {})) as address:
        status = main(["doctor", "--token", "--application", address, "--sign-out", address])
    said = capsys.readouterr().out
    assert status == 0
    assert "signature, issuer, audience and times are good" in said
    assert "refused" in said
    assert " ms after" in said


def test_a_token_that_is_accepted_after_its_revocation_is_a_fault(
    environment: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource_server.doctor.trial.PATIENCE", 0.05)
    with_token(monkeypatch, environment.token())
    with application(type("Forgetful", (Application,), {"forgetful": True})) as address:
        status, found = ask(capsys, "--token", "--application", address, "--sign-out", address)
    assert status == 1
    assert "still accepts it" in found["not_revoked"]


def test_an_application_that_refuses_a_valid_token_is_named(
    environment: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_token(monkeypatch, environment.token())
    with application(type("Closed", (Application,), {"signed_out": True})) as address:
        status, found = ask(capsys, "--token", "--application", address)
    assert status == 1
    assert "answers 401 token_revoked" in found["not_accepted"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://other.example"}, "issuer_mismatch"),
        ({"aud": "another"}, "audience_mismatch"),
        ({"life": 60 * 86_400}, "lifetime"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_100}, "clock_behind"),
        ({"iat": 1_000_000_000, "exp": 1_000_000_100}, "clock_ahead"),
    ],
)
def test_a_token_that_is_refused_names_the_setting(
    environment: FakeIssuer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    code: str,
) -> None:
    with_token(monkeypatch, environment.token(**changes))
    status, found = ask(capsys, "--token")
    assert status == 1
    assert code in found


def test_a_token_of_another_identity_provider_names_the_key_set(
    environment: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeIssuer()
    other.settings = replace(other.settings, jwks_url=environment.jwks_url)
    with_token(monkeypatch, other.token())
    status, found = ask(capsys, "--token")
    assert status == 1
    assert "key_set_of_another" in found


@pytest.mark.parametrize("text", ["nonsense", "a.b.c", ""])
def test_text_that_is_not_a_token_gives_no_traceback(
    environment: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    assert environment
    with_token(monkeypatch, text)
    status, _ = ask(capsys, "--token")
    assert status == (1 if text else 0)
