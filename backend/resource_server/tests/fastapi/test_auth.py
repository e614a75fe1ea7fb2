"""An application that is protected in five lines, and the same on other kinds of applications."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from resource_server.fastapi import Auth, AuthenticatedRoute, Principal
from resource_server.revocation import HttpRevocationFeed
from resource_server.settings import ResourceServerSettings
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.errors import TokenMissing


class Title(BaseModel):
    """A body."""

    title: str


def store() -> str:
    """A dependency that tests override."""
    return "the real store"


def store_of_two(_one: str, _two: str) -> None:
    """Has more parameters than an override may have."""


@pytest.fixture
def auth(fake_issuer: FakeIssuer) -> Auth:
    auth = Auth.better_auth("https://idp.test", audience="https://api.test")
    auth.client = fake_issuer.client()
    return auth


@pytest.fixture
def app(auth: Auth) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/notes")
    async def notes(caller: Annotated[Principal, auth.requires("notes:read")]) -> str:
        return caller.subject

    @app.post("/notes")
    async def write(
        title: Title,
        caller: Annotated[Principal, auth.requires("notes:write", roles=["editor"])],
        where: Annotated[str, Depends(store)],
    ) -> str:
        return f"{caller.subject} writes {title.title} to {where}"

    @app.get("/visit")
    async def visit(caller: Annotated[Principal | None, auth.allows()]) -> str:
        return caller.subject if caller else "anonymous"

    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client


def bearer(issuer: FakeIssuer, *scopes: str, roles: tuple[str, ...] = ("user",)) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token(scopes=scopes, roles=roles)}"}


def test_the_settings_are_those_of_better_auth() -> None:
    auth = Auth.better_auth("https://app.example.com/", audience="https://api.example.com")
    assert auth.settings == ResourceServerSettings(
        issuer="https://app.example.com/",
        audience="https://api.example.com",
        jwks_url="https://app.example.com/api/auth/jwks",
    )


async def test_a_valid_token_is_accepted_and_others_are_refused(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    assert (await client.get("/notes", headers=bearer(fake_issuer, "notes:read"))).json() == "user-1"
    missing, lacking = (
        await client.get("/notes"),
        await client.get("/notes", headers=bearer(fake_issuer, "notes:write")),
    )
    assert (missing.status_code, missing.json()["code"]) == (401, "token_missing")
    assert (lacking.status_code, lacking.json()["code"]) == (403, "insufficient_scope")


async def test_a_route_may_ask_for_a_role_besides_the_scope(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    body = {"title": "x"}
    editor = bearer(fake_issuer, "notes:write", roles=("editor",))
    assert (await client.post("/notes", json=body, headers=editor)).json() == "user-1 writes x to the real store"
    assert (await client.post("/notes", json=body, headers=bearer(fake_issuer, "notes:write"))).status_code == 403


async def test_an_optional_caller_may_omit_the_token_but_not_send_an_invalid_one(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    assert (await client.get("/visit")).json() == "anonymous"
    assert (await client.get("/visit", headers=bearer(fake_issuer))).json() == "user-1"
    assert (await client.get("/visit", headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_with_an_override_of_another_dependency_authentication_still_precedes_the_body(
    app: FastAPI, client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    app.dependency_overrides[store] = lambda: "a fake store"
    assert (await client.post("/notes", content=b"{not json")).status_code == 401
    editor = bearer(fake_issuer, "notes:write", roles=("editor",))
    assert (
        await client.post("/notes", json={"title": "x"}, headers=editor)
    ).json() == "user-1 writes x to a fake store"


async def test_the_dependency_itself_can_be_overridden(app: FastAPI, auth: Auth, client: httpx.AsyncClient) -> None:
    async def path(request: Request) -> object:
        return type("Caller", (), {"subject": request.url.path})

    app.dependency_overrides[auth.required] = path
    assert (await client.get("/notes")).json() == "/notes"
    app.dependency_overrides[auth.required] = store_of_two
    with pytest.raises(TypeError, match="no parameter, or only the request"):
        await client.get("/notes")


async def test_the_refusals_are_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    read, write, visit = (
        document["paths"][path][method] for path, method in (("/notes", "get"), ("/notes", "post"), ("/visit", "get"))
    )
    assert document["components"]["securitySchemes"]["AccessToken"]["scheme"] == "bearer"
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail", "code"]
    assert read["security"] == [{"AccessToken": ["notes:read"]}]
    assert visit["security"] == [{"AccessToken": []}, {}]
    assert {"401", "403", "503"} <= read["responses"].keys()
    assert "403" in write["responses"]
    assert "403" not in visit["responses"]
    problem = {"$ref": "#/components/schemas/Problem"}
    assert read["responses"]["401"]["content"] == {"application/problem+json": {"schema": problem}}


def test_a_refusal_that_the_application_documents_itself_is_kept(auth: Auth) -> None:
    app = FastAPI()
    auth.install(app)

    @app.get("/", responses={401: {"description": "Our own words."}})
    async def read(caller: Annotated[Principal, auth.requires()]) -> str:
        return caller.subject

    responses = app.openapi()["paths"]["/"]["get"]["responses"]
    assert responses["401"]["description"] == "Our own words."
    assert "503" in responses


async def test_a_router_of_another_module_is_protected_with_either_route_class(
    auth: Auth, fake_issuer: FakeIssuer
) -> None:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    for prefix, router in (("/fast", APIRouter(route_class=AuthenticatedRoute)), ("/plain", APIRouter())):

        @router.get("/")
        async def read(caller: Annotated[Principal, auth.requires("notes:read")]) -> str:
            return caller.subject

        outer = APIRouter()
        outer.include_router(router, prefix="/inner")
        app.include_router(outer, prefix=prefix)
    async with running(app) as client:
        for prefix in ("/fast", "/plain"):
            assert (await client.get(f"{prefix}/inner/", headers=bearer(fake_issuer, "notes:read"))).json() == "user-1"
            assert (await client.get(f"{prefix}/inner/")).status_code == 401
            assert (await client.get(f"{prefix}/inner/", headers=bearer(fake_issuer))).status_code == 403


async def test_a_dependency_of_the_router_is_kept_when_the_router_is_included(
    auth: Auth, fake_issuer: FakeIssuer
) -> None:
    router = APIRouter(route_class=AuthenticatedRoute, dependencies=[auth.requires("notes:read")])

    @router.get("/")
    async def read() -> str:
        return "read"

    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b", dependencies=[auth.requires("notes:write")])
    reader, both = bearer(fake_issuer, "notes:read"), bearer(fake_issuer, "notes:read", "notes:write")
    async with running(app) as client:
        assert [(await client.get(path, headers=reader)).status_code for path in ("/a/", "/b/")] == [200, 403]
        assert [(await client.get(path, headers=both)).status_code for path in ("/a/", "/b/")] == [200, 200]
        assert [(await client.get(path)).status_code for path in ("/a/", "/b/")] == [401, 401]


async def test_the_application_s_own_lifespan_runs_inside(auth: Auth, fake_issuer: FakeIssuer) -> None:
    happened: list[str] = []

    @asynccontextmanager
    async def own(_app: object) -> AsyncIterator[dict[str, Any]]:
        happened.append("start")
        yield {"answer": 42}
        happened.append("stop")

    @asynccontextmanager
    async def by_hand(app: object) -> AsyncIterator[dict[str, Any]]:
        async with auth.lifespan(app) as state, own(app) as mine:
            yield {**state, **mine}

    for lifespan in (auth.composed_with(own), by_hand):
        app = FastAPI(lifespan=lifespan)
        auth.install(app)

        @app.get("/")
        async def read(request: Request, caller: Annotated[Principal, auth.requires()]) -> str:
            return f"{caller.subject} {request.state.answer}"

        async with running(app) as client:
            assert (await client.get("/", headers=bearer(fake_issuer))).json() == "user-1 42"
    assert happened == ["start", "stop"] * 2


async def test_a_mounted_application_uses_the_server_of_the_outer_one(auth: Auth, fake_issuer: FakeIssuer) -> None:
    inner = FastAPI()
    auth.install(inner)

    @inner.get("/notes")
    async def notes(caller: Annotated[Principal, auth.requires("notes:read")]) -> str:
        return caller.subject

    for outer in (
        FastAPI(lifespan=auth.lifespan, routes=[Mount("/inner", inner)]),
        Starlette(lifespan=auth.lifespan, routes=[Mount("/inner", inner)]),
    ):
        async with running(outer) as client:
            assert (await client.get("/inner/notes", headers=bearer(fake_issuer, "notes:read"))).json() == "user-1"
            assert (await client.get("/inner/notes")).json()["code"] == "token_missing"


async def test_a_starlette_application_asks_for_the_caller_itself(auth: Auth, fake_issuer: FakeIssuer) -> None:
    async def notes(request: Request) -> Response:
        caller = await auth.caller(request, "notes:read")
        return JSONResponse(caller.subject)

    app = Starlette(lifespan=auth.lifespan, routes=[Route("/notes", notes)])
    auth.install(app)
    async with running(app) as client:
        assert (await client.get("/notes", headers=bearer(fake_issuer, "notes:read"))).json() == "user-1"
        assert (await client.get("/notes")).status_code == 401
        assert (await client.get("/notes", headers=bearer(fake_issuer))).status_code == 403


async def test_two_issuers_protect_routes_of_one_application(auth: Auth, fake_issuer: FakeIssuer) -> None:
    partner_issuer = FakeIssuer(issuer="https://partner.test")
    partner = Auth(partner_issuer.settings, client=partner_issuer.client(), scheme_name="PartnerToken")
    app = FastAPI(lifespan=auth.composed_with(partner.lifespan))
    auth.install(app)
    partner.install(app)

    @app.get("/ours")
    async def ours(caller: Annotated[Principal, auth.requires()]) -> str:
        return caller.issuer

    @app.get("/theirs")
    async def theirs(caller: Annotated[Principal, partner.requires()]) -> str:
        return caller.issuer

    async with running(app) as client:
        assert (await client.get("/ours", headers=bearer(fake_issuer))).json() == "https://idp.test"
        assert (await client.get("/ours", headers=bearer(partner_issuer))).status_code == 401
        assert (await client.get("/theirs", headers=bearer(partner_issuer))).json() == "https://partner.test"
        assert (await client.get("/theirs", headers=bearer(fake_issuer))).status_code == 401
        schemes = (await client.get("/openapi.json")).json()["components"]["securitySchemes"]
        assert schemes.keys() == {"AccessToken", "PartnerToken"}


def quiet_feed() -> HttpRevocationFeed:
    nothing = {"cursor": "c", "reset": True, "complete": True, "max_token_life": 3_600, "revocations": []}
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=nothing)))
    return HttpRevocationFeed("https://idp.test/revocations", "secret", client=client)


def followers() -> int:
    return sum(task.get_name() == "revocation feed" for task in asyncio.all_tasks())


async def test_a_feed_that_two_issuers_share_is_followed_once_and_is_stopped(fake_issuer: FakeIssuer) -> None:
    partner_issuer = FakeIssuer(issuer="https://partner.test")
    feed = quiet_feed()
    partner = Auth(partner_issuer.settings, client=partner_issuer.client(), revocations=feed)
    auth = Auth(fake_issuer.settings, client=fake_issuer.client(), revocations=feed, also=[partner])
    async with auth.lifespan():
        assert followers() == 1
    assert followers() == 0


async def test_a_feed_of_a_router_that_is_included_twice_is_followed_once_and_is_stopped(
    fake_issuer: FakeIssuer,
) -> None:
    auth = Auth(fake_issuer.settings, client=fake_issuer.client(), revocations=quiet_feed())
    router = APIRouter(lifespan=auth.lifespan)
    app = FastAPI()
    auth.install(app)
    app.include_router(router, prefix="/one")
    app.include_router(router, prefix="/two")
    async with running(app):
        assert followers() == 1
    assert followers() == 0


async def test_without_its_lifespan_the_error_says_what_to_add(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app)  # which runs no lifespan
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        with pytest.raises(RuntimeError, match=r"FastAPI\(lifespan=auth.lifespan\)"):
            await client.get("/notes", headers={"Authorization": "Bearer x"})


async def test_an_application_without_install_says_what_to_add_when_it_refuses(auth: Auth) -> None:
    app = FastAPI(lifespan=auth.lifespan)

    @app.get("/notes")
    async def notes(caller: Annotated[Principal, auth.requires("notes:read")]) -> str:
        return caller.subject

    async with running(app) as client:
        with pytest.raises(TokenMissing) as refusal:
            await client.get("/notes")
    assert any("call auth.install(app) once" in note for note in refusal.value.__notes__)


async def test_a_handled_refusal_does_not_mention_install(auth: Auth) -> None:
    app = Starlette(lifespan=auth.lifespan)
    auth.install(app)

    async def notes(request: Request) -> Response:
        try:
            await auth.caller(request)
        except TokenMissing as refusal:
            return JSONResponse(getattr(refusal, "__notes__", []))
        return Response()

    app.add_route("/notes", notes)
    async with running(app) as client:
        assert (await client.get("/notes")).json() == []


async def test_a_role_that_is_missing_is_not_called_a_scope(auth: Auth, fake_issuer: FakeIssuer) -> None:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/notes", dependencies=[auth.requires(roles=["editor"])])
    async def notes() -> None: ...

    async with running(app) as client:
        refusal = await client.get("/notes", headers=bearer(fake_issuer))
        described = (await client.get("/openapi.json")).json()["paths"]["/notes"]["get"]["responses"]["403"]
    assert (refusal.status_code, refusal.json()["code"]) == (403, "insufficient_role")
    assert "role" in refusal.json()["detail"]
    assert "scope" not in refusal.text
    assert "scope=" not in refusal.headers["www-authenticate"]
    assert "role" in described["description"]
