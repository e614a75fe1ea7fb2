"""With REVOCATION_FEED=nats and no NATS_URL, `make dev` and `make start` run a NATS server and a publisher."""

import json
from pathlib import Path

import pytest

from scripts.database import DatabaseUrls
from scripts.doctor import in_use
from scripts.stack import nats
from scripts.stack.__main__ import of_the_broker
from scripts.stack.processes import Ports, Process, processes

URLS = DatabaseUrls("postgresql://owner:0wner@db/app", "postgresql://api:ap1@db/app")


def of_a_stack(state: Path, **environment: str) -> dict[str, Process]:
    made = processes("production", Ports(), URLS, {"LAB_ENABLED": "false", **environment}, state=state)
    return {process.name: process for process in made}


@pytest.mark.parametrize(
    "environment",
    [{"REVOCATION_FEED": "postgres"}, {"REVOCATION_FEED": "nats", "NATS_URL": "tls://nats.example.com:4222"}],
)
def test_no_server_runs_where_none_is_wanted_or_one_is_configured(tmp_path: Path, environment: dict[str, str]) -> None:
    made = of_a_stack(tmp_path, **environment)
    assert set(made) == {"web", "api"}
    assert of_the_broker(list(made.values())) == {}


def test_each_process_gets_a_user_of_its_own_and_no_other_s_database(tmp_path: Path) -> None:
    made = of_a_stack(tmp_path, REVOCATION_FEED="nats", BETTER_AUTH_SECRET="secret")
    assert set(made) == {"web", "api", "nats", "publisher"}
    api, publisher = made["api"].environment, made["publisher"].environment
    assert (api["NATS_USER"], publisher["NATS_USER"]) == ("server", "publisher")
    assert api["NATS_PASSWORD"] != publisher["NATS_PASSWORD"]
    assert publisher["DATABASE_URL"] == URLS.api
    assert "BETTER_AUTH_SECRET" not in publisher
    for name in ("web", "nats"):
        assert "NATS_PASSWORD" not in made[name].environment
    assert not any("NATS_PASSWORD" in name for name in of_the_broker(list(made.values())))


def test_the_configuration_is_readable_by_its_owner_alone_and_gives_no_more_than_is_needed(tmp_path: Path) -> None:
    broker = nats.local({"REVOCATION_FEED": "nats"}, tmp_path)
    assert broker is not None
    file = tmp_path / "nats" / "nats.conf"
    assert file.stat().st_mode & 0o077 == 0
    users = {user["user"]: user["permissions"] for user in json.loads(file.read_text())["authorization"]["users"]}
    assert "revocations.pages" in users["publisher"]["publish"]
    assert "revocations.pages" not in users["server"]["publish"]
    assert nats.password(tmp_path / "nats", "server") == broker.variables("server")["NATS_PASSWORD"]


def test_the_doctor_knows_the_server_of_the_stack_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_use, "DATA", tmp_path)
    made = of_a_stack(tmp_path, REVOCATION_FEED="nats")
    recorded = of_the_broker(list(made.values()))
    use = in_use.in_use(URLS, recorded)
    given = made["api"].environment
    assert {name: use.api[name] for name in ("NATS_URL", "NATS_USER", "NATS_PASSWORD")} == {
        name: given[name] for name in ("NATS_URL", "NATS_USER", "NATS_PASSWORD")
    }
    assert given["NATS_PASSWORD"] in use.secrets()
