"""What a stranger learns of the service in production, and what its operator does."""

import httpx
import pytest

from notes_api.application import create_app
from notes_api.settings import Settings
from tests.fixtures.service import running

TOKEN = "a-management-credential-of-these-tests"
CREDENTIAL = {"Authorization": f"Bearer {TOKEN}"}
WRONG = [{}, {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}]


@pytest.fixture
def production(settings: Settings) -> Settings:
    return settings.model_copy(update={"environment": "production"})


@pytest.fixture
def managed(production: Settings) -> Settings:
    return Settings.model_validate(
        {**production.model_dump(), "management_token": TOKEN, "revocation_feed": "postgres"}
    )


@pytest.mark.parametrize("headers", WRONG)
async def test_a_stranger_learns_only_whether_it_is_ready(managed: Settings, headers: dict[str, str]) -> None:
    async with running(create_app(managed)) as client:
        sent = httpx.Headers([(name.encode(), value.encode()) for name, value in headers.items()])
        ready = await client.get("/readyz", headers=sent)
        metrics = await client.get("/metrics", headers=sent)
        alive = await client.get("/healthz", headers=sent)
    assert ready.json().keys() == {"status", "checks", "revocations"}
    assert ready.json()["checks"] is ready.json()["revocations"] is None
    assert (metrics.status_code, metrics.json()["code"]) == (401, "token_invalid")
    assert alive.json() == {"status": "ok"}


async def test_the_holder_of_the_credential_learns_all(managed: Settings) -> None:
    async with running(create_app(managed)) as client:
        ready = await client.get("/readyz", headers=CREDENTIAL)
        metrics = await client.get("/metrics", headers=CREDENTIAL)
    assert ready.json()["checks"]["database"] == "ok"
    assert "http_requests_total" in metrics.text


async def test_without_a_credential_nobody_does_in_production_and_everybody_in_development(
    settings: Settings, production: Settings
) -> None:
    async with running(create_app(production)) as client:
        assert (await client.get("/metrics", headers=CREDENTIAL)).status_code == 404
        assert (await client.get("/readyz", headers=CREDENTIAL)).json()["checks"] is None
    async with running(create_app(settings)) as client:
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/readyz")).json()["checks"]["database"] == "ok"


@pytest.mark.parametrize(
    ("environment", "configured", "served"),
    [
        ("production", None, False),
        ("production", True, True),
        ("development", None, True),
        ("development", False, False),
    ],
)
async def test_the_documentation_is_served_in_development_or_when_configured(
    settings: Settings, environment: str, *, configured: bool | None, served: bool
) -> None:
    changed = settings.model_copy(update={"environment": environment, "api_docs": configured})
    async with running(create_app(changed)) as client:
        for path in ("/docs", "/openapi.json", "/docs/assets/swagger-ui.css"):
            answer: httpx.Response = await client.get(path)
            assert (answer.status_code == 200) is served, path


@pytest.mark.parametrize("token", ["short", "x" * 31])
def test_a_credential_that_can_be_guessed_is_refused(settings: Settings, token: str) -> None:
    with pytest.raises(ValueError, match="management_token"):
        Settings.model_validate({**settings.model_dump(), "management_token": token})
