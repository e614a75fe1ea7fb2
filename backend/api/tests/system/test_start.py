"""A configuration that can't work stops the start, with one line that names the variable and the remedy."""

import concurrent.futures
import subprocess
from pathlib import Path

import psycopg
import pytest

from scripts.database import embedded_database
from scripts.migrate import migrate
from scripts.ports import free_port
from scripts.stack.isolated import SECRET, RunningStack, isolated_environment
from scripts.stack.processes import Ports

STOPPED = 78

WEB_REFUSALS = {
    "a short secret": ({"BETTER_AUTH_SECRET": "tooshort"}, "BETTER_AUTH_SECRET"),
    "a placeholder secret": ({"BETTER_AUTH_SECRET": "change-me-change-me-change-me-change-me"}, "BETTER_AUTH_SECRET"),
    "no secret": ({"BETTER_AUTH_SECRET": " "}, "BETTER_AUTH_SECRET"),
    "another secret than the keys'": ({"BETTER_AUTH_SECRET": SECRET[::-1]}, "BETTER_AUTH_SECRET"),
    "a key grace shorter than a token's life": ({"JWKS_GRACE_PERIOD": "2592000"}, "JWKS_GRACE_PERIOD"),
    "sessions shorter than tokens": ({"SESSION_LIFETIME": "2592000"}, "SESSION_LIFETIME"),
    "an unknown algorithm": ({"JWT_ALGORITHM": "HS256"}, "JWT_ALGORITHM"),
    "no audience": ({"JWT_AUDIENCE": " "}, "JWT_AUDIENCE"),
    "plain http in production": ({"BETTER_AUTH_URL": "http://app.example.com"}, "BETTER_AUTH_URL"),
    "a proxy that is no address": ({"TRUSTED_PROXIES": "proxy.example.com"}, "TRUSTED_PROXIES"),
}


def run_until_end(stack: RunningStack, name: str, changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    service = stack.services[name]
    environment = {**service.environment, "PORT": str(free_port()), **changes}
    command = [part if part != str(stack.ports.api) else environment["PORT"] for part in service.command]
    if name == "api":
        command[-1] = "1"
    return subprocess.run(
        command, cwd=service.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("case", WEB_REFUSALS)
def test_the_identity_provider_refuses_to_start_with(stack: RunningStack, case: str) -> None:
    changes, variable = WEB_REFUSALS[case]
    ended = run_until_end(stack, "web", changes)
    lines = [line for line in ended.stderr.splitlines() if line.strip()]

    assert ended.returncode == STOPPED, ended.stdout + ended.stderr
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith(variable)
    for value in changes.values():
        assert len(value) < 12 or value.startswith(("http", "proxy")) or value not in lines[0]


API_REFUSALS = {
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL"),
    "an issuer over plain http": ({"AUTH_ISSUER": "http://auth.example.com"}, "AUTH_ISSUER"),
    "keys over plain http": ({"AUTH_JWKS_URL": "http://auth.example.com/jwks"}, "AUTH_JWKS_URL"),
    "a symmetric algorithm": ({"AUTH_ALGORITHMS": "HS256"}, "AUTH_ALGORITHMS"),
    "no audience": ({"AUTH_AUDIENCE": " "}, "AUTH_AUDIENCE"),
    "no revocation in production": ({"REVOCATION_FEED": "off"}, "REVOCATION_FEED"),
}


@pytest.mark.parametrize("case", API_REFUSALS)
def test_the_api_refuses_to_start_with(stack: RunningStack, case: str) -> None:
    changes, variable = API_REFUSALS[case]
    ended = run_until_end(stack, "api", changes)
    said = [line for line in ended.stderr.splitlines() if variable in line]

    assert ended.returncode != 0
    assert said, ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unprepared_database_is_named_as_such(stack: RunningStack, folder: Path) -> None:
    with embedded_database(folder / "postgres") as urls:
        ended = run_until_end(stack, "web", {"DATABASE_URL": urls.owner})
    assert ended.returncode == STOPPED
    assert "make migrate" in ended.stderr


def test_two_machines_may_migrate_at_once(folder: Path) -> None:
    with embedded_database(folder / "postgres") as urls:
        environment = isolated_environment(Ports(free_port(), free_port()), {"NODE_ENV": "production"})
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(migrate, urls, environment) for _ in range(2)]:
                done.result()
        with psycopg.connect(urls.owner) as connection:
            assert connection.execute("SELECT count(*) FROM auth.jwks").fetchone() == (1,)
