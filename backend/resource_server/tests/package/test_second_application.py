"""An application outside of this repository, made by the README's steps with the wheel alone, as a user would."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn

from resource_server.testing.issuer import FakeIssuer
from scripts.ports import free_port
from shared_fixtures.postgres import Addresses, as_role
from tests.revocation.feed_server import TOKEN, feed_server

LIBRARY = Path(__file__).parents[2]
PAGES = [(LIBRARY / page).read_text(encoding="utf-8") for page in ("README.md", "docs/revocation.md")]
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", "".join(PAGES), re.DOTALL))
(GRANTS,) = re.findall(r"```sql\n(.*?)```", PAGES[1], re.DOTALL)
ROUTES = """
from typing import Annotated
from resource_server.fastapi import Principal
from {module} import app, auth

@app.get("/notes")
async def notes(caller: Annotated[Principal, auth.requires("notes:read")]) -> dict[str, str]:
    return {{"owner": caller.subject}}
"""

pytestmark = pytest.mark.long


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    """Better Auth, as far as a resource server sees it: its keys, beneath its own address."""
    issuer = FakeIssuer(audience="https://api.example.com")
    with issuer.serve() as keys:
        issuer.settings = replace(issuer.settings, issuer=keys.removesuffix("/api/auth/jwks"))
        yield issuer


@pytest.fixture
def reader(database: Addresses, idp: psycopg.Connection) -> Iterator[str]:
    """The address of a role that has what the documentation gives it."""
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute("CREATE ROLE notes LOGIN")
        idp.execute(GRANTS.encode())
        yield as_role(database.superuser, "notes")
        superuser.execute("DROP OWNED BY notes; DROP ROLE notes")


@contextmanager
def feed_over_http(address: str) -> Iterator[str]:
    """The identity provider's feed, at the address that it gives."""
    server = uvicorn.Server(uvicorn.Config(feed_server(address), port=free_port(), log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.config.port}/revocations"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


@contextmanager
def application(python: Path, folder: Path, name: str, **environment: str) -> Iterator[httpx.Client]:
    """The application, run by uvicorn in its own environment, with nothing of this process'."""
    port = free_port()
    command = [str(python), "-m", "uvicorn", f"{name}:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=folder, env={"PYTHONDONTWRITEBYTECODE": "1", **environment})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        process.terminate()
        process.wait()


def eventually(client: httpx.Client, token: str, status: int) -> httpx.Response:
    """The answer, once it has this status."""
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = client.get("/notes", headers={"Authorization": f"Bearer {token}"})
        except httpx.ConnectError:
            answer = httpx.Response(0)
        if answer.status_code == status:
            return answer
        assert time.monotonic() < deadline, (answer.status_code, answer.text)
        time.sleep(0.02)


def write(folder: Path, issuer: FakeIssuer, feed: str = "") -> None:
    """The documentation's files, with one's own addresses in the place of the examples'."""
    for name, text in FILES.items():
        own = text.replace("https://app.example.com/api/revocations", feed)
        (folder / name).write_text(own.replace("https://app.example.com", issuer.settings.issuer), encoding="utf-8")
    for module in ("revocable", "revocable_by_postgres"):
        (folder / f"main_{module}.py").write_text(ROUTES.format(module=module), encoding="utf-8")


def test_five_lines_protect_an_application(complete: Path, issuer: FakeIssuer, tmp_path: Path) -> None:
    write(tmp_path, issuer)
    with application(complete, tmp_path, "application") as client:
        assert eventually(client, issuer.token(scopes=["notes:read"]), 200).json() == {"owner": "user-1"}
        assert eventually(client, issuer.token(), 403).json()["code"] == "insufficient_scope"
        assert eventually(client, issuer.token(aud="https://other.test"), 401).json()["code"] == "token_invalid"
        assert client.get("/notes").json()["code"] == "token_missing"
        scopes = client.get("/openapi.json").json()["paths"]["/notes"]["get"]["security"]
        assert scopes == [{"AccessToken": ["notes:read"]}]


def test_a_feed_over_http_revokes(
    complete: Path, issuer: FakeIssuer, database: Addresses, idp: psycopg.Connection, tmp_path: Path
) -> None:
    with feed_over_http(database.owner) as feed:
        write(tmp_path, issuer, feed)
        with application(complete, tmp_path, "main_revocable", REVOCATION_FEED_TOKEN=TOKEN) as client:
            revoked_once_its_session_ends(client, issuer, idp)


def test_a_feed_from_postgres_revokes_by_a_role_of_its_own(
    complete: Path, issuer: FakeIssuer, reader: str, idp: psycopg.Connection, tmp_path: Path
) -> None:
    write(tmp_path, issuer)
    with application(complete, tmp_path, "main_revocable_by_postgres", DATABASE_URL=reader) as client:
        revoked_once_its_session_ends(client, issuer, idp)


def revoked_once_its_session_ends(client: httpx.Client, issuer: FakeIssuer, idp: psycopg.Connection) -> None:
    tokens = {
        session: issuer.token(subject="u1", session_id=session, scopes=["notes:read"]) for session in ("s1", "s2")
    }
    for token in tokens.values():
        eventually(client, token, 200)
    idp.execute("DELETE FROM auth.session WHERE id = 's1'")
    assert eventually(client, tokens["s1"], 401).json()["code"] == "token_revoked"
    assert eventually(client, tokens["s2"], 200).json() == {"owner": "u1"}


def test_the_documented_tests_pass_there(complete: Path, issuer: FakeIssuer, tmp_path: Path) -> None:
    write(tmp_path, issuer)
    command = [str(complete), "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_application.py"]
    answer = subprocess.run(
        [*command, "-o", "asyncio_default_fixture_loop_scope=function", "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
    assert "1 passed" in answer.stdout


def test_the_command_explains_an_answer_there(complete: Path, issuer: FakeIssuer, tmp_path: Path) -> None:
    write(tmp_path, issuer)
    command = [str(complete), "-m", "resource_server", "explain", "application:auth", "--scope", "notes:read"]
    answer = subprocess.run(command, cwd=tmp_path, input=issuer.token(), capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "the token lacks the scope notes:read" in answer.stdout
