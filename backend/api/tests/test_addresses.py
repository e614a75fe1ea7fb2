"""`make start` and `make migrate` go by what is configured: ports, origins and the database's addresses."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts import database
from scripts.database import DatabaseUrls, configured_urls
from scripts.env_values import web_values
from scripts.paths import NODE
from scripts.stack.processes import Ports, processes
from scripts.stack.state import recorded, running


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What both `.env` hold."""
    held: dict[str, dict[str, str]] = {"frontend": {}, "api": {}}
    monkeypatch.setattr(database, "web_values", lambda: held["frontend"])
    monkeypatch.setattr(database, "api_values", lambda: held["api"])
    return held


OWNER, API = "postgresql://owner@pooler/notes", "postgresql://api@pooler/notes"


def test_without_an_address_the_embedded_database_is_used() -> None:
    assert configured_urls({}) is None


@pytest.mark.parametrize("where", ["environment", "files"])
def test_the_direct_addresses_can_be_given(where: str, files: dict[str, dict[str, str]]) -> None:
    environment: dict[str, str] = {}
    if where == "files":
        files["frontend"]["DATABASE_URL"] = OWNER
        files["api"] |= {"DATABASE_URL": API, "DATABASE_URL_UNPOOLED": "postgresql://api@direct/notes"}
        files["api"]["DATABASE_URL_OWNER"] = "postgresql://owner@direct/notes"
    else:
        environment = {
            "DATABASE_URL": OWNER,
            "API_DATABASE_URL": API,
            "API_DATABASE_URL_UNPOOLED": "postgresql://api@direct/notes",
            "DATABASE_URL_OWNER": "postgresql://owner@direct/notes",
        }
    urls = configured_urls(environment)
    assert urls is not None
    assert (urls.owner, urls.api) == (OWNER, API)
    assert (urls.owner_direct, urls.api_direct) == ("postgresql://owner@direct/notes", "postgresql://api@direct/notes")


def test_neon_s_direct_addresses_follow_from_the_pooled_ones() -> None:
    pooled = "postgresql://x@ep-a-pooler.eu.aws.neon.tech/notes"
    urls = configured_urls({"DATABASE_URL": pooled, "API_DATABASE_URL": pooled})
    assert urls is not None
    assert urls.owner_direct == urls.api_direct == "postgresql://x@ep-a.eu.aws.neon.tech/notes"


def test_each_service_is_given_its_own_addresses_and_none_of_the_other_s() -> None:
    environment = {"DATABASE_URL": OWNER, "API_DATABASE_URL": API, "DATABASE_URL_OWNER": OWNER}
    urls = configured_urls(environment)
    assert urls is not None
    web, api = processes("development", Ports(), urls, {**environment, "LAB_ENABLED": "false"})
    assert web.environment["DATABASE_URL"] == OWNER
    assert api.environment["DATABASE_URL"] == api.environment["DATABASE_URL_UNPOOLED"] == API
    for process in (web, api):
        assert "API_DATABASE_URL" not in process.environment
    assert OWNER not in api.environment.values()


VALUES = """SECRET=Xk9$fJq2
QUOTED="Xk9${HOME}#2"
CUT=before#after
EMPTY=
export EXPORTED=1 # a comment
"""


def test_the_file_of_variables_is_read_as_node_reads_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("\ufeff" + VALUES)
    read = [str(NODE), f"--env-file={file}", "-p", "JSON.stringify(process.env)"]
    file_alone = web_values(file)
    file.write_text(VALUES)
    ran = subprocess.run(read, env={}, check=True, capture_output=True, text=True)
    known = json.loads(ran.stdout)
    assert file_alone == web_values(file) == {name: known[name] for name in file_alone}
    assert file_alone["SECRET"] == "Xk9$fJq2"
    assert file_alone.keys() == {"SECRET", "QUOTED", "CUT", "EMPTY", "EXPORTED"}


def test_web_is_given_what_its_file_holds_and_the_api_is_not() -> None:
    of_web = {"BETTER_AUTH_SECRET": "Xk9$fJq2", "JWT_ALGORITHM": "RS256", "DATABASE_URL": "postgresql://other@h/d"}
    urls = DatabaseUrls(OWNER, API)
    environment = {"LAB_ENABLED": "false", "JWT_ALGORITHM": "EdDSA"}
    web, api = processes("development", Ports(), urls, environment, of_web=of_web)
    given = {name: web.environment[name] for name in of_web}
    assert given == {"BETTER_AUTH_SECRET": "Xk9$fJq2", "JWT_ALGORITHM": "EdDSA", "DATABASE_URL": OWNER}
    assert "BETTER_AUTH_SECRET" not in api.environment


NEXT_READS = """
require("@next/env").loadEnvConfig(process.argv[1], true, {info() {}, error() {}});
console.log(process.env.BETTER_AUTH_SECRET, process.env.LAB_CAPACITY);
"""


def test_next_js_takes_what_it_is_given_as_it_is_and_reads_no_file_besides(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BETTER_AUTH_SECRET='Xk9$fJq2'\n")
    (tmp_path / ".env.local").write_text("BETTER_AUTH_SECRET=other\nLAB_CAPACITY=7\n")
    of_web = web_values(tmp_path / ".env")
    web, _ = processes("development", Ports(), DatabaseUrls(OWNER, API), {"LAB_ENABLED": "false"}, of_web=of_web)
    read = [str(NODE), "-e", NEXT_READS, str(tmp_path)]
    ran = subprocess.run(read, env=web.environment, cwd=web.folder, check=True, capture_output=True, text=True)
    assert ran.stdout == "Xk9$fJq2 undefined\n"


def test_another_port_moves_local_addresses_and_leaves_an_origin_that_was_configured() -> None:
    configured = {"BETTER_AUTH_URL": "https://app.example.com", "AUTH_ISSUER": "https://app.example.com"}
    assert Ports(3100, 8100).environment({"IDP_URL": "http://[::1"})["IDP_URL"] == "http://[::1", "its reader names it"
    derived = Ports(3100, 8100).environment({**configured, "API_URL": "http://localhost:8000"})
    assert derived["BETTER_AUTH_URL"] == derived["AUTH_ISSUER"] == "https://app.example.com"
    assert derived["API_URL"] == derived["AUTH_AUDIENCE"] == "http://localhost:8100"
    assert derived["AUTH_JWKS_URL"] == "http://localhost:3100/api/auth/jwks"


def test_port_alone_moves_the_addresses_that_lead_to_the_usual_one() -> None:
    configured = {"BETTER_AUTH_URL": "http://localhost:3000", "AUTH_ISSUER": "http://127.0.0.1:3000"}
    moved = Ports(4320).moved({**configured, "API_URL": "http://localhost:8000"})
    assert moved["BETTER_AUTH_URL"] == moved["AUTH_ISSUER"] == moved["IDP_URL"] == "http://localhost:4320"
    assert moved["AUTH_JWKS_URL"] == "http://localhost:4320/api/auth/jwks"
    assert not moved.keys() & {"API_URL", "JWT_AUDIENCE", "AUTH_AUDIENCE"}
    assert Ports().moved(configured) == {}


@pytest.mark.parametrize(
    "address", ["https://app.example.com", "https://localhost", "http://localhost:4330", "http://localhost:port"]
)
def test_port_alone_leaves_every_other_address(address: str) -> None:
    assert "BETTER_AUTH_URL" not in Ports(4320).moved({"BETTER_AUTH_URL": address})


def test_the_variables_of_a_running_stack_are_known_while_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "running.json"
    assert running(file) == {}
    with recorded({"BETTER_AUTH_URL": "http://localhost:3100"}, file):
        assert running(file) == {"BETTER_AUTH_URL": "http://localhost:3100"}
    assert running(file) == {}
    file.write_text('{"process": 999999999, "variables": {"A": "b"}}')
    assert running(file) == {}, "of a stack that was killed"
