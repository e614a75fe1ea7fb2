"""The service starts and answers whatever of its surroundings is down."""

import httpx
import pytest

from notes_api.application import create_app
from notes_api.database import connection as module
from notes_api.generated.permissions import SCOPES
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer
from scripts.ports import free_port
from tests.fixtures.service import running


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens, kept from others."""
    return free_port()


@pytest.fixture
def nowhere(settings: Settings, closed_port: int, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose database is down."""
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    return Settings.model_validate(
        {**settings.model_dump(), "database_url": f"postgresql://api:hidden@127.0.0.1:{closed_port}/app"}
    )


async def test_database_that_is_down_is_a_503_and_readiness_says_so(nowhere: Settings, issuer: FakeIssuer) -> None:
    async with running(create_app(nowhere)) as client:
        authorization = {"Authorization": f"Bearer {issuer.token(scopes=SCOPES)}"}
        assert (await client.get("/api/me", headers=authorization)).status_code == 200
        response = await client.get("/api/notes", headers=authorization)
        assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
        assert response.headers["retry-after"] == "5"
        ready = await client.get("/readyz")
        alive = await client.get("/healthz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert ready.json()["checks"] == {
        "keys": "ok",
        "tokens": "ok",
        "revocations": "ok",
        "database": "does not answer: OperationalError",
    }
    assert alive.json() == {"status": "ok"}


async def test_the_service_starts_while_the_issuer_is_down(settings: Settings, closed_port: int) -> None:
    late = Settings.model_validate({**settings.model_dump(), "auth_jwks_url": f"http://127.0.0.1:{closed_port}/jwks"})
    async with running(create_app(late)) as client:
        ready = await client.get("/readyz")
        anonymous = await client.get("/api/me")
    assert ready.status_code == 503
    assert ready.json()["checks"]["keys"] != "ok"
    assert ready.json()["checks"]["database"] == "ok"
    assert anonymous.status_code == 401


async def test_everything_up_is_ready(client: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    await client.get("/api/me", headers={"Authorization": f"Bearer {issuer.token(scopes=SCOPES)}"})
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


async def test_the_start_waits_for_no_other_service(nowhere: Settings, closed_port: int) -> None:
    nothing = {"auth_jwks_url": f"http://127.0.0.1:{closed_port}/jwks", "revocation_feed": "postgres"}
    async with running(create_app(Settings.model_validate({**nowhere.model_dump(), **nothing}))) as client:
        assert (await client.get("/healthz")).status_code == 200
        checks = (await client.get("/readyz")).json()["checks"]
    assert "hidden" not in str(checks)
    assert all(checks[name] != "ok" for name in ("keys", "revocations", "database"))
