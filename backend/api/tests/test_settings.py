"""The configuration starts the service, or stops the start with one line."""

import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from notes_api.lifespan import verification
from notes_api.revocation import open_feed
from notes_api.settings import STARTUP_FAILURE, Settings, explain, load_settings
from resource_server import ResourceServerSettings
from resource_server.revocation import NatsRevocationFeed

GOOD = {
    "DATABASE_URL": "postgresql://api:hidden@db.example.com/app?sslmode=require",
    "AUTH_ISSUER": "https://auth.example.com",
    "AUTH_AUDIENCE": "https://api.example.com",
    "AUTH_JWKS_URL": "https://auth.example.com/api/auth/jwks",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A good environment, and a `.env` that is not there."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_minimal_configuration_has_safe_defaults() -> None:
    settings = Settings()
    assert settings.auth_algorithms == ("EdDSA", "RS256")
    assert settings.cors_origins == ()
    assert settings.revocation_feed == "postgres"
    assert settings.identity_provider == "https://auth.example.com"
    assert settings.trusted_proxies == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize("level", ["warning", "Warning", "WARNING"])
def test_a_log_level_is_read_in_any_case(environment: pytest.MonkeyPatch, level: str) -> None:
    environment.setenv("LOG_LEVEL", level)
    assert Settings().log_level == "WARNING"


def test_lists_are_comma_separated(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AUTH_ALGORITHMS", "RS256, ES256")
    environment.setenv("CORS_ORIGINS", "https://a.example.com,http://localhost:5173")
    environment.setenv("TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8")
    settings = Settings()
    assert settings.auth_algorithms == ("RS256", "ES256")
    assert settings.cors_origins == ("https://a.example.com", "http://localhost:5173")
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_process_environment_wins_over_the_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AUTH_AUDIENCE=https://file.example.com\nLOG_LEVEL=DEBUG\nAUTH_JWKS_SNAPSHOT=\n")
    settings = Settings()
    assert settings.auth_audience == "https://api.example.com"
    assert settings.log_level == "DEBUG"
    assert settings.auth_jwks_snapshot is None
    environment.setenv("AUTH_AUDIENCE", "")
    assert Settings().auth_audience == "https://file.example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://api:hidden@db.example.com/app"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgresql://api:p@hidden@db.example.com/app"),
        ("DATABASE_URL", "postgresql://api:12/hidden@db.example.com/app"),
        ("DATABASE_URL_UNPOOLED", "postgresql://api:p@hidden@db.example.com/app"),
        ("AUTH_ISSUER", "http://auth.example.com"),
        ("AUTH_ISSUER", "https://auth.example.com/"),
        ("AUTH_AUDIENCE", ""),
        ("AUTH_JWKS_URL", "http://auth.example.com/api/auth/jwks"),
        ("AUTH_JWKS_URL", "https://user:hidden@auth.example.com/jwks"),
        ("AUTH_ALGORITHMS", "HS256"),
        ("AUTH_ALGORITHMS", ","),
        ("AUTH_LEEWAY", "301"),
        ("AUTH_MAX_TOKEN_LIFE", "inf"),
        ("AUTH_REVOCATION_MAX_STALENESS", "-1"),
        ("AUTH_REVOCATION_MAX_STALENESS", "2.9"),
        ("AUTH_REVOCATION_MAX_STALENESS", "nan"),
        ("IDP_URL", "http://idp.example.com"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://app.example.com/"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("LOG_LEVEL", "LOUD"),
        ("REVOCATION_FEED", "http"),
        ("NATS_STREAM", "a.b"),
    ],
)
def test_unsafe_value_is_refused_by_name_and_never_printed(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    line = explain(refused.value)
    assert name in line
    assert "\n" not in line
    assert "hidden" not in line


@pytest.mark.parametrize("seconds", [0, 3, 60])
def test_view_of_the_revocations_may_be_never_stale_or_three_seconds_old(
    environment: pytest.MonkeyPatch, seconds: float
) -> None:
    environment.setenv("AUTH_REVOCATION_MAX_STALENESS", str(seconds))
    assert Settings().auth_revocation_max_staleness == seconds


@pytest.mark.parametrize(("environment_name", "allowed"), [("development", True), ("production", False)])
def test_revocation_is_switched_off_in_development_only(
    environment: pytest.MonkeyPatch, environment_name: str, *, allowed: bool
) -> None:
    environment.setenv("ENVIRONMENT", environment_name)
    environment.setenv("REVOCATION_FEED", "off")
    if allowed:
        assert Settings().revocation_feed == "off"
        return
    with pytest.raises(ValidationError, match="REVOCATION_FEED"):
        Settings()


@pytest.mark.parametrize(
    "values",
    [{}, {"NATS_URL": "nats://nats.example.com"}, {"NATS_URL": "nats://localhost", "NATS_PASSWORD": "hidden"}],
)
def test_nats_needs_an_address_that_is_safe_and_a_whole_credential(
    environment: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    environment.setenv("REVOCATION_FEED", "nats")
    for name, value in values.items():
        environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    line = explain(refused.value)
    assert "NATS_URL" in line
    assert "hidden" not in line


def test_nats_can_be_chosen(environment: pytest.MonkeyPatch) -> None:
    values = {
        "REVOCATION_FEED": "nats",
        "NATS_URL": "tls://nats.example.com",
        "NATS_USER": "one",
        "NATS_PASSWORD": "two",
    }
    for name, value in values.items():
        environment.setenv(name, value)
    feed = open_feed(Settings(), httpx.AsyncClient())
    assert isinstance(feed, NatsRevocationFeed)
    assert feed.status().transport == "nats"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "auth.localhost"])
def test_plain_http_is_for_loopback(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("AUTH_ISSUER", f"http://{host}:3000")
    environment.setenv("AUTH_JWKS_URL", f"http://{host}:3000/api/auth/jwks")
    assert Settings().auth_issuer == f"http://{host}:3000"


def test_start_with_a_wrong_configuration_prints_one_line_and_stops_the_supervisor() -> None:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "mysql://api:hidden@db/app"}
    started = subprocess.run(
        [
            sys.executable,
            "-c",
            "from notes_api.settings import Settings, load_settings\n"
            "Settings.model_config['env_file'] = None\nload_settings()",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == STARTUP_FAILURE
    assert started.stderr.count("\n") == 1
    assert "DATABASE_URL" in started.stderr
    assert "hidden" not in started.stderr


def test_a_file_that_may_not_be_read_stops_the_start_with_one_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").touch()

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root, who may run these tests, may read everything.
    environment.setattr("dotenv.main.open", denied, raising=False)
    with pytest.raises(SystemExit) as stopped:
        load_settings()
    assert stopped.value.code == STARTUP_FAILURE
    assert capsys.readouterr().err.splitlines() == [
        "configuration: this user may not read backend/api/.env; make it readable, or remove it"
    ]


def test_every_variable_is_explained_in_the_example() -> None:
    example = Path(__file__).resolve().parents[1].joinpath("env.example").read_text()
    lines = example.splitlines()
    for name in Settings.model_fields:
        position = next((n for n, line in enumerate(lines) if line.startswith(f"{name.upper()}=")), None)
        assert position, f"{name.upper()} is not in env.example"
        assert lines[position - 1].startswith("#") or lines[position - 1].startswith("REVOCATION_FEED_URL")


@pytest.mark.parametrize(
    "address",
    ["https://auth.example.com:99999/jwks", "https://user@auth.example.com/jwks", "https://a.test/jw\u200bks"],
)
def test_an_address_that_the_library_would_refuse_stops_the_start(
    environment: pytest.MonkeyPatch, address: str
) -> None:
    environment.setenv("AUTH_JWKS_URL", address)
    with pytest.raises(ValidationError) as error:
        Settings()
    assert "AUTH_JWKS_URL must be an https address without user name, password or fragment" in explain(error.value)


@pytest.mark.usefixtures("environment")
def test_defaults_of_verification_are_the_librarys() -> None:
    settings = Settings()
    built = verification(settings)
    assert built == ResourceServerSettings(
        issuer=settings.auth_issuer, audience=settings.auth_audience, jwks_url=settings.auth_jwks_url
    )
