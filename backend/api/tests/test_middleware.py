"""What every answer carries, and what /metrics counts."""

import httpx
import pytest
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from notes_api.application import create_app
from notes_api.generated.permissions import SCOPES
from notes_api.middleware.unexpected import Unexpected
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer
from tests.fixtures.service import running

APP = "https://app.example.com"


async def test_answers_are_not_rendered_as_pages(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/healthz")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "strict-transport-security" not in headers
    documentation = await client.get("/docs")
    assert documentation.status_code == 200
    assert "content-security-policy" not in documentation.headers


async def test_a_client_that_disconnects_is_not_an_error() -> None:
    async def gone(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with structlog.testing.capture_logs() as logs:
        await Unexpected(gone)({"type": "http"}, receive, send)
    assert [entry["log_level"] for entry in logs] == ["info"]
    assert sent == []


async def test_production_insists_on_https(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    async with running(create_app(production)) as client:
        assert (await client.get("/healthz")).headers["strict-transport-security"] == "max-age=31536000"


async def test_no_personal_answer_may_be_stored(client: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(scopes=SCOPES)}"}
    for path in ("/api/me", "/api/notes", "/api/notes/none", "/api/nothing", "/readyz", "/metrics"):
        assert (await client.get(path, headers=headers)).headers["cache-control"] == "no-store", path
    assert (await client.get("/api/me")).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await client.get("/docs/assets/swagger-ui.css")).headers


@pytest.mark.parametrize(("origin", "allowed"), [(APP, True), ("https://evil.example.com", False)])
async def test_other_sites_read_answers_only_when_configured(settings: Settings, origin: str, *, allowed: bool) -> None:
    configured = settings.model_copy(update={"cors_origins": (APP,)})
    preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    async with running(create_app(configured)) as client:
        answer = await client.options("/api/me", headers=preflight)
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        assert "access-control-allow-credentials" not in answer.headers
    async with running(create_app(settings)) as client:
        assert "access-control-allow-origin" not in (await client.options("/api/me", headers=preflight)).headers


def samples(text: str) -> dict[str, float]:
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    }


async def test_metrics_count_verifications_and_requests(client: httpx.AsyncClient, issuer: FakeIssuer) -> None:
    labels = f'issuer="{issuer.settings.issuer}",result="accepted"}}'
    counted = [f'resource_server_verifications_total{{cache="{cache}",{labels}' for cache in ("miss", "hit")]
    counted.append('http_requests_total{method="GET",route="/api/me",status="200"}')
    headers = {"Authorization": f"Bearer {issuer.token()}"}
    before = samples((await client.get("/metrics")).text)
    for _ in range(3):
        assert (await client.get("/api/me", headers=headers)).status_code == 200
    text = (await client.get("/metrics")).text
    after = samples(text)
    assert [after[name] - before.get(name, 0) for name in counted] == [1, 2, 3]
    assert "resource_server_key_set_confirmed_timestamp_seconds" in text
