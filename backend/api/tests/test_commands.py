"""The operators' commands say in one line what is wrong, whatever it is: no traceback, no password."""

import os
import subprocess
import sys
from collections.abc import Callable

import psycopg
import pytest

from scripts import database, identity, migrate
from scripts.doctor import __main__ as doctor
from scripts.paths import ROOT
from scripts.stack import __main__ as stack
from scripts.stack.processes import Ports

COMMANDS: dict[str, Callable[[], int]] = {
    "make migrate": migrate.main,
    "make role": lambda: identity.run_command("role", "a@example.com", "admin"),
    "make start": stack.main,
}
NO_ADDRESS = "DATABASE_URL is no address of a database: write it as"
MALFORMED = {
    "postgresql://owner:s3cret@127.0.0.1:port/app": NO_ADDRESS,
    "postgresql://owner:s3cret@[::1/app": NO_ADDRESS,
    "owner:s3cret": NO_ADDRESS,
    "postgresql://owner:p@s3cret@127.0.0.1:1/app": NO_ADDRESS,
    "postgresql://owner:12/s3cret@127.0.0.1:1/app": NO_ADDRESS,
    "postgresql://owner:s3cret@127.0.0.1:1/app": "DATABASE_URL can't be reached: ",
}


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by `make start`, on ports that are free."""
    monkeypatch.setattr(sys, "argv", ["stack", "production"])
    monkeypatch.setattr(stack, "is_free", lambda _: True)
    monkeypatch.setattr(database, "CONNECT_PATIENCE", 0.0)
    for name in (*database.OF_A_DATABASE, "WEB_PORT", "API_PORT", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("API_DATABASE_URL", "postgresql://api@127.0.0.1:1/app")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return both.out + both.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("address", MALFORMED)
def test_an_address_that_can_t_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    assert COMMANDS[command]() == 1
    words = said(capsys)
    assert MALFORMED[address] in words
    assert "s3cret" not in words


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_URL_OWNER", "API_DATABASE_URL"])
def test_the_variable_that_holds_no_address_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner@127.0.0.1:1/app")
    monkeypatch.setenv(variable, "postgresql://owner:p@s3cret@127.0.0.1:1/app")
    assert migrate.main() == 1
    words = said(capsys)
    assert words.startswith(variable)
    assert "(@ is %40)" in words
    assert "s3cret" not in words


@pytest.mark.parametrize("host", ["[::1", "p@s3cret@127.0.0.1:1"])
def test_the_doctor_names_it_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["doctor"])
    monkeypatch.setenv("DATABASE_URL", f"postgresql://owner:s3cret@{host}/app")
    assert doctor.main() == 1
    words = said(capsys)
    assert "is no address of a database" in words
    assert "s3cret" not in words


def test_an_owner_who_may_not_make_the_api_s_role_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgres_server: str
) -> None:
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute("CREATE ROLE unable LOGIN")
        server.execute("CREATE DATABASE of_the_unable OWNER unable")
    address = postgres_server.replace("postgres:@/postgres", "unable@/of_the_unable")
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("API_DATABASE_URL", address.replace("unable@", "nobody_yet@"))
    assert migrate.main() == 1
    assert "The database refuses: permission denied to create role. Only roles with the CREATEROLE attribute" in said(
        capsys
    )


@pytest.mark.parametrize("name", ["WEB_PORT", "API_PORT", "WEB_CONCURRENCY"])
@pytest.mark.parametrize("value", ["http", "0", "-1", "70000", "²"])
def test_a_value_that_is_no_number_is_named(name: str, value: str) -> None:
    with pytest.raises(stack.Mistake, match=f"^{name} is .*: set it to a number from 1 to 65535"):
        stack.number(name, value)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What `frontend/.env` holds."""
    held: dict[str, str] = {}
    monkeypatch.setattr(stack, "web_values", lambda: held)
    monkeypatch.setattr(stack, "api_values", dict)
    for name in ("PORT", "NODE_ENV", *Ports().derived()):
        monkeypatch.delenv(name, raising=False)
    return held


@pytest.mark.parametrize("where", ["file", "environment"])
def test_port_moves_what_leads_to_the_web_application(
    monkeypatch: pytest.MonkeyPatch, configured: dict[str, str], where: str
) -> None:
    configured["BETTER_AUTH_URL"] = "http://localhost:3000"
    if where == "file":
        configured["PORT"] = "4320"
    else:
        monkeypatch.setenv("PORT", "4320")
    ran: list[tuple[Ports, dict[str, str]]] = []

    def run(_: str, ports: Ports, derived: dict[str, str]) -> int:
        ran.append((ports, derived))
        return 0

    monkeypatch.setattr(stack, "run", run)
    assert stack.main() == 0
    ((ports, derived),) = ran
    assert ports.web == 4320
    assert derived["BETTER_AUTH_URL"] == derived["AUTH_ISSUER"] == "http://localhost:4320"
    assert derived["AUTH_JWKS_URL"] == "http://localhost:4320/api/auth/jwks"


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("mode", "variables", "words"),
    [
        ("production", {"WEB_PORT": "3100", "API_PORT": "3100"}, "WEB_PORT and API_PORT are both 3100"),
        ("production", {"PORT": "8000"}, "WEB_PORT and API_PORT are both 8000"),
        ("development", {"NODE_ENV": "production"}, "NODE_ENV is production: `unset NODE_ENV` for `make dev`"),
    ],
)
def test_what_can_t_run_together_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mode: str,
    variables: dict[str, str],
    words: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["stack", mode])
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert stack.main() == 1
    assert said(capsys).startswith(words)


@pytest.mark.parametrize(("value", "number"), [("3100", 3100), ("", None), (None, None)])
def test_a_number_is_read(value: str | None, number: int | None) -> None:
    assert stack.number("WEB_PORT", value) == number


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", []),
        ("rotate", ["rotate"]),
        ("retire $(touch gone);x", ["retire", "$(touch", "gone);x"]),
        ("retire 'a b'", ["retire", "a b"]),
    ],
)
def test_what_make_keys_is_given_reaches_the_command_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, command: str, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["identity", "keys"])
    monkeypatch.setenv("KEYS_COMMAND", command)
    called: list[str] = []

    def record(*given: str) -> int:
        called.extend(given)
        return 0

    monkeypatch.setattr(identity, "run_command", record)
    assert identity.main() == 0
    assert called == ["keys", *words]


def test_an_unmatched_apostrophe_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["identity", "keys"])
    monkeypatch.setenv("KEYS_COMMAND", "retire o'brien")
    assert identity.main() == 1
    assert "CMD can't be read: No closing quotation" in said(capsys)


def made(target: str, *typed: str, **exported: str) -> list[str]:
    """The environment that `make` gives the target's command, and the command's words."""
    command = ["make", "--no-print-directory", "--old-file=setup", target, "RUN=env; echo", *typed]
    environment = {"PATH": os.environ["PATH"], **exported}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout.splitlines()


@pytest.mark.parametrize(
    ("target", "name", "given_as"),
    [
        ("role", "EMAIL", "ROLE_EMAIL"),
        ("role", "ROLE", "ROLE_NAME"),
        ("keys", "CMD", "KEYS_COMMAND"),
        *(
            ("revoke", name, f"REVOKE_{name}")
            for name in ("USER", "SESSION", "TOKEN", "CLIENT", "ALL", "BEFORE", "YES")
        ),
    ],
)
def test_what_changes_something_is_what_the_operator_typed(target: str, name: str, given_as: str) -> None:
    assert f"{given_as}=a $(b)" in made(target, f"{name}=a $(b)")
    assert f"{given_as}=" in made(target, **{name: "of-the-shell"})


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("0", False), ("", False)])
def test_the_doctor_prints_json_when_it_is_wanted(value: str, wanted: bool) -> None:
    assert ("scripts.doctor --json" in made("doctor", f"JSON={value}")) is wanted
