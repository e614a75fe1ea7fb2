"""Whether there is a lab, and what its processes need to start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from notes_api.lab.settings import LabSettings
from notes_api.settings import Settings
from scripts.env_values import web_values
from scripts.stack import lab

CREDENTIAL = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "web_values", lambda: web_values(tmp_path / ".env"))


@pytest.mark.parametrize(
    ("mode", "environment", "wanted"),
    [
        ("development", {}, True),
        ("development", {"LAB_ENABLED": ""}, True),
        ("development", {"LAB_ENABLED": "false"}, False),
        ("production", {}, False),
        ("production", {"LAB_ENABLED": "false"}, False),
        ("production", {"LAB_ENABLED": "true"}, True),
        ("production", {"LAB_ENABLED": "true", "LAB_PROCESSES": "http://127.0.0.1:8101"}, False),
    ],
)
def test_its_processes_are_started_when_they_are_wanted(
    mode: str, environment: dict[str, str], *, wanted: bool
) -> None:
    assert lab.is_wanted(mode, environment) is wanted


def test_the_env_file_counts_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LAB_ENABLED=true\n")
    assert lab.is_wanted("production", {})
    assert not lab.is_wanted("production", {"LAB_ENABLED": "false"})


def test_both_sides_get_the_same_credential_which_is_new_each_time() -> None:
    first, second = (lab.shared_variables(["http://127.0.0.1:8101"]) for _ in range(2))
    assert len(first["LAB_CREDENTIAL"]) >= 32
    assert first["LAB_CREDENTIAL"] != second["LAB_CREDENTIAL"]


def test_its_tokens_have_an_audience_of_their_own(settings: Settings) -> None:
    configured = LabSettings.model_validate({**settings.model_dump(), "lab_credential": CREDENTIAL})
    assert configured.resource_server.audience == f"{settings.auth_issuer}/lab"
    assert configured.resource_server.audience != settings.auth_audience


@pytest.mark.parametrize("change", [{"lab_credential": "short"}, {"lab_credential": None}, {"lab_max_staleness": 1}])
def test_a_credential_that_is_short_and_a_bound_that_is_not_safe_stop_the_start(
    settings: Settings, change: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        LabSettings.model_validate({**settings.model_dump(), "lab_credential": CREDENTIAL, **change})
