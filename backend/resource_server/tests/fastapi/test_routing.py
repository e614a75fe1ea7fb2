"""What the route class does beyond FastAPI's own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Annotated, Any

import fastapi
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.responses import StreamingResponse
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.types import Receive, Scope, Send

from resource_server.fastapi import AuthenticatedRoute, Authentication, RequiredPrincipal, install
from resource_server.server import ResourceServer
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import TokenRevoked
from resource_server.verification.principal import Principal

authentication = Authentication()
CurrentPrincipal = Annotated[Principal, Security(authentication.required)]


class Note(BaseModel):
    """A body."""

    title: str


async def suffix(principal: CurrentPrincipal, mark: str = "!") -> str:
    return principal.subject + mark


router = APIRouter(route_class=AuthenticatedRoute)


@router.post("/notes/{number}")
async def write(number: int, note: Note, principal: CurrentPrincipal) -> str:
    return f"{principal.subject} {number} {note.title}"


@router.get("/thread")
def in_thread(principal: CurrentPrincipal) -> str:
    return principal.subject


@router.get("/connection")
async def with_connection(connection: HTTPConnection, principal: CurrentPrincipal) -> str:
    return f"{principal.subject} {connection.url.path}"


@router.get("/nested")
async def nested(principal: CurrentPrincipal, text: Annotated[str, Depends(suffix)]) -> str:
    return principal.subject + text


@router.get("/response", response_class=StreamingResponse)
async def response(principal: CurrentPrincipal) -> StreamingResponse:
    return StreamingResponse(iter([principal.subject]))


def streams() -> list[str]:
    """Paths of endpoints that stream; those that yield exist since FastAPI 0.134."""
    if tuple(map(int, fastapi.__version__.split(".")[:2])) < (0, 134):
        return ["/api/response"]

    @router.get("/stream", response_class=StreamingResponse)
    async def stream(principal: CurrentPrincipal) -> AsyncIterator[str]:
        yield principal.subject

    return ["/api/response", "/api/stream"]


@router.get("/open")
async def unprotected() -> str:
    return "open"


async def ask_as_a_service(request: Request) -> str:
    """Calls a route of the same application in process, with another caller's token."""
    headers = {"Authorization": request.headers["x-service"]}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await request.app({**scope, "state": request.scope["state"]}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://internal") as client:
        return str((await client.get("/api/thread", headers=headers)).json())


Service = Annotated[str, Depends(ask_as_a_service)]


@router.get("/calls/async")
async def calls(principal: CurrentPrincipal, service: Service) -> list[str]:
    return [principal.subject, service]


@router.get("/calls/thread")
def calls_in_thread(principal: CurrentPrincipal, service: Service) -> list[str]:
    return [principal.subject, service]


@router.get("/calls/request")
async def calls_with_request(asked: Request, principal: CurrentPrincipal, service: Service) -> list[str]:
    return [principal.subject, service, asked.url.path]


@router.get("/calls/any")
async def calls_with_more(principal: CurrentPrincipal, service: Service, **_: str) -> list[str]:
    return [principal.subject, service]


@router.get("/calls/optional")
async def calls_optional(
    service: Service, principal: Annotated[Principal | None, Security(authentication.optional)]
) -> list[str | None]:
    return [None if principal is None else principal.subject, service]


@pytest.fixture
def app(fake_issuer: FakeIssuer) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with fake_issuer.client() as client, ResourceServer(fake_issuer.settings, client=client) as server:
            yield {"resource_server": server}

    app = FastAPI(lifespan=lifespan)
    app.include_router(router, prefix="/api")
    guard = Security(authentication.required, scopes=["notes:read"])
    app.include_router(router, prefix="/guarded", dependencies=[guard])
    install(app, authentication)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client


@pytest.fixture
def headers(fake_issuer: FakeIssuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {fake_issuer.token()}"}


async def test_a_caller_is_refused_before_the_body_is_read(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.post("/api/notes/1", content=b"{not json")).status_code == 401
    assert (await client.post("/api/notes/1", json={}, headers=headers)).status_code == 422
    response = await client.post("/api/notes/1", json={"title": "x"}, headers=headers)
    assert response.json() == "user-1 1 x"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/thread", "user-1"),
        ("/api/connection", "user-1 /api/connection"),
        ("/api/nested", "user-1user-1!"),
        ("/api/nested?mark=.", "user-1user-1."),
        ("/api/open", "open"),
    ],
)
async def test_every_kind_of_endpoint_gets_its_principal(
    path: str, answer: str, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.get(path, headers=headers)).json() == answer


@pytest.mark.parametrize("kind", ["async", "thread", "request", "any?_=x"])
async def test_a_caller_stays_the_same_when_a_dependency_calls_a_route_as_another(
    kind: str, client: httpx.AsyncClient, headers: dict[str, str], fake_issuer: FakeIssuer
) -> None:
    headers["x-service"] = f"Bearer {fake_issuer.token(subject='service')}"
    answer = (await client.get(f"/api/calls/{kind}", headers=headers)).json()
    assert answer[:2] == ["user-1", "service"]
    assert answer[2:] in ([], ["/api/calls/request"])


async def test_a_caller_without_a_token_stays_nobody_when_a_dependency_calls_a_route_as_another(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    headers = {"x-service": f"Bearer {fake_issuer.token(subject='service')}"}
    assert (await client.get("/api/calls/optional", headers=headers)).json() == [None, "service"]


async def test_a_server_with_further_checks_is_not_bypassed(fake_issuer: FakeIssuer) -> None:
    class Picky(ResourceServer):
        async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
            await super().authenticate(token, max_revocation_staleness=max_revocation_staleness)
            raise TokenRevoked

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with fake_issuer.client() as client, Picky(fake_issuer.settings, client=client) as server:
            yield {"resource_server": server}

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    install(app, authentication)
    headers = {"Authorization": f"Bearer {fake_issuer.token()}"}
    async with running(app) as client:
        assert [(await client.get("/thread", headers=headers)).status_code for _ in range(2)] == [401, 401]


class AsksMore(Authentication):
    """Refuses everybody."""

    async def authenticate(self, connection: HTTPConnection) -> Principal | None:
        await super().authenticate(connection)
        raise TokenRevoked


class RefusesEverybody(RequiredPrincipal):
    """A dependency of an application's own."""

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Principal:
        await super().__call__(connection, security_scopes)
        raise TokenRevoked


@pytest.mark.parametrize("dependency", [AsksMore().required, RefusesEverybody(authentication)])
async def test_a_dependency_with_further_checks_is_not_bypassed(
    app: FastAPI, client: httpx.AsyncClient, headers: dict[str, str], dependency: RequiredPrincipal
) -> None:
    picky = APIRouter(route_class=AuthenticatedRoute)

    @picky.get("/picky")
    async def read(principal: Annotated[Principal, Security(dependency)]) -> str:
        return principal.subject

    app.include_router(picky)
    assert (await client.get("/api/thread", headers=headers)).status_code == 200
    assert (await client.get("/picky", headers=headers)).status_code == 401


@pytest.mark.parametrize("path", streams())
async def test_a_streaming_endpoint_is_protected_too(
    path: str, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.get(path, headers=headers)).text == "user-1"
    assert (await client.get(path)).status_code == 401


async def test_the_scopes_of_an_included_router_are_checked_too(
    client: httpx.AsyncClient, headers: dict[str, str], fake_issuer: FakeIssuer
) -> None:
    assert (await client.get("/guarded/open", headers=headers)).status_code == 403
    reader = {"Authorization": f"Bearer {fake_issuer.token(scopes=['notes:read'])}"}
    assert (await client.get("/guarded/open", headers=reader)).json() == "open"
    assert (await client.get("/guarded/thread", headers=reader)).json() == "user-1"


async def test_an_override_replaces_the_dependency(app: FastAPI, client: httpx.AsyncClient) -> None:
    app.dependency_overrides[authentication.required] = lambda: SimpleNamespace(subject="somebody")
    assert (await client.get("/api/thread")).json() == "somebody"
    app.dependency_overrides.clear()
    assert (await client.get("/api/thread")).status_code == 401


async def test_an_override_may_yield(app: FastAPI, client: httpx.AsyncClient) -> None:
    steps: list[str] = []

    def fake() -> Iterator[SimpleNamespace]:
        steps.append("opened")
        yield SimpleNamespace(subject="somebody")
        steps.append("closed")

    async def fake_with_request(request: Request) -> AsyncIterator[SimpleNamespace]:
        steps.append(request.method)
        yield SimpleNamespace(subject="somebody")
        steps.append("closed")

    for override, begun in ((fake, "opened"), (fake_with_request, "GET")):
        steps.clear()
        app.dependency_overrides[authentication.required] = override
        assert (await client.get("/api/thread")).json() == "somebody"
        assert steps == [begun, "closed"]


async def test_the_security_scheme_is_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/api/thread"]["get"]["security"] == [{"AccessToken": []}]
    assert paths["/guarded/open"]["get"]["security"] == [{"AccessToken": ["notes:read"]}]
    assert "security" not in paths["/api/open"]["get"]
