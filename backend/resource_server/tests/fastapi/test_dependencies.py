"""The FastAPI dependencies over HTTP: who is accepted, how a refusal looks, and what the OpenAPI document says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Security
from fastapi.routing import APIRoute

from resource_server.fastapi import AuthenticatedRoute, Authentication, install
from resource_server.server import ResourceServer
from resource_server.testing.application import running
from resource_server.testing.issuer import FakeIssuer
from resource_server.verification.principal import Principal

authentication = Authentication()
strict = Authentication(max_revocation_staleness=0)
partner = Authentication(state_key="partner", scheme_name="PartnerToken")

CurrentPrincipal = Annotated[Principal, Security(authentication.required)]
Reader = Annotated[Principal, Security(authentication.required, scopes=["notes:read"])]
Writer = Annotated[Principal, Security(authentication.required, scopes=["notes:read", "notes:write"])]
Admin = Annotated[Principal, Security(authentication.require_roles("admin"))]
Visitor = Annotated[Principal | None, Security(authentication.optional)]
Partner = Annotated[Principal, Security(partner.required)]


class Stale:
    """Revocations that are a second old."""

    def is_revoked(self, *_: object) -> bool:
        return False

    def staleness(self) -> float:
        return 1.0

    async def refresh(self) -> None:
        raise TimeoutError


def _router(route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(route_class=route_class)

    @router.get("/me")
    async def me(principal: CurrentPrincipal) -> str:
        return principal.subject

    @router.get("/notes")
    async def notes(principal: Reader) -> str:
        return principal.subject

    @router.post("/notes")
    async def write(principal: Writer, title: str) -> str:
        return f"{principal.subject}: {title}"

    @router.get("/admin")
    def admin(principal: Admin) -> str:
        return principal.subject

    @router.get("/visitor")
    async def visitor(principal: Visitor) -> str:
        return principal.subject if principal else "anonymous"

    @router.get("/partner")
    async def partners(principal: Partner) -> str:
        return principal.issuer

    @router.get("/strict", dependencies=[Security(strict.required)])
    async def live() -> str:
        return "live"

    return router


@pytest.fixture
def partner_issuer() -> FakeIssuer:
    return FakeIssuer(issuer="https://partner.test", algorithm="RS256")


@pytest.fixture(params=[APIRoute, AuthenticatedRoute])
def route_class(request: pytest.FixtureRequest) -> type[APIRoute]:
    """Everything holds for FastAPI's own route class and for ours."""
    route_class: type[APIRoute] = request.param
    return route_class


@pytest.fixture
async def client(
    route_class: type[APIRoute], fake_issuer: FakeIssuer, partner_issuer: FakeIssuer
) -> AsyncIterator[httpx.AsyncClient]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with (
            ResourceServer(fake_issuer.settings, client=fake_issuer.client(), revocations=Stale()) as server,
            ResourceServer(partner_issuer.settings, client=partner_issuer.client()) as other,
        ):
            yield {"resource_server": server, "partner": other}

    app = FastAPI(lifespan=lifespan)
    app.include_router(_router(route_class))
    install(app, authentication)
    install(app, partner)
    async with running(app) as client:
        yield client


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_valid_token_is_accepted(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    response = await client.get("/me", headers=_bearer(fake_issuer.token()))
    assert (response.status_code, response.json()) == (200, "user-1")


async def test_without_a_token_the_challenge_names_no_error(client: httpx.AsyncClient) -> None:
    response = await client.get("/me")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json() == {
        "type": "about:blank",
        "title": "Authentication required",
        "status": 401,
        "detail": "Send the access token in the Authorization header as 'Bearer <token>'.",
        "code": "token_missing",
    }


async def test_an_invalid_token_is_refused_and_not_repeated(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    token = fake_issuer.token()[:-4] + "AAAA"
    response = await client.get("/me", headers=_bearer(token))
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")
    assert response.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert token not in response.text


async def test_an_expired_token_has_a_code_of_its_own(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    token = fake_issuer.token(iat=1_000, exp=2_000)
    assert (await client.get("/me", headers=_bearer(token))).json()["code"] == "token_expired"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
async def test_the_scheme_is_case_insensitive(scheme: str, client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    response = await client.get("/me", headers={"Authorization": f"{scheme} {fake_issuer.token()}"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Basic dXNlcjpwYXNz", "token_missing"),
        ("Token {}", "token_missing"),
        ("Bearer{}", "token_missing"),
        ("{}", "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_invalid"),
        ("Bearer {} {}", "token_invalid"),
        ("Bearer {},", "token_invalid"),
        ("Bearer\t{}", "token_missing"),
    ],
)
@pytest.mark.parametrize("path", ["/me", "/visitor"])
async def test_another_form_of_the_header_is_refused(
    path: str, value: str, code: str, client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    token = fake_issuer.token()
    response = await client.get(path, headers={"Authorization": value.format(token, token)})
    assert (response.status_code, response.json()["code"]) == (401, code)


async def test_two_authorization_headers_are_refused(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    header = ("Authorization", f"Bearer {fake_issuer.token()}")
    response = await client.get("/me", headers=[header, header])
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


async def test_a_visitor_is_anonymous_without_a_token_and_known_with_one(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer
) -> None:
    assert (await client.get("/visitor")).json() == "anonymous"
    assert (await client.get("/visitor", headers=_bearer(fake_issuer.token()))).json() == "user-1"


async def test_a_visitor_with_an_invalid_token_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/visitor", headers=_bearer("a.b.c"))).status_code == 401


async def test_a_required_scope_is_checked(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    reader = _bearer(fake_issuer.token(scopes=["notes:read"]))
    writer = _bearer(fake_issuer.token(scopes=["notes:read", "notes:write"]))
    assert (await client.get("/notes", headers=reader)).status_code == 200
    assert (await client.post("/notes?title=x", headers=writer)).json() == "user-1: x"
    response = await client.post("/notes?title=x", headers=reader)
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="notes:read notes:write"'


async def test_a_part_of_a_scope_s_name_does_not_grant_it(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    token = fake_issuer.token(scopes=["notes:readonly", "notes"])
    assert (await client.get("/notes", headers=_bearer(token))).status_code == 403


async def test_a_required_role_is_checked(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    assert (await client.get("/admin", headers=_bearer(fake_issuer.token(roles=["admin"])))).status_code == 200
    response = await client.get("/admin", headers=_bearer(fake_issuer.token(roles=["user"])))
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_role")


async def test_each_issuer_serves_its_own_routes_only(
    client: httpx.AsyncClient, fake_issuer: FakeIssuer, partner_issuer: FakeIssuer
) -> None:
    ours, theirs = _bearer(fake_issuer.token()), _bearer(partner_issuer.token())
    assert (await client.get("/partner", headers=theirs)).json() == "https://partner.test"
    assert (await client.get("/me", headers=ours)).status_code == 200
    assert (await client.get("/partner", headers=ours)).status_code == 401
    assert (await client.get("/me", headers=theirs)).status_code == 401


async def test_a_route_may_ask_for_fresher_revocations(client: httpx.AsyncClient, fake_issuer: FakeIssuer) -> None:
    headers = _bearer(fake_issuer.token())
    assert (await client.get("/me", headers=headers)).status_code == 200
    response = await client.get("/strict", headers=headers)
    assert (response.status_code, response.json()["code"]) == (503, "revocation_stale")
    assert response.headers["Retry-After"] == "5"
    assert "WWW-Authenticate" not in response.headers


async def test_the_scopes_are_in_the_openapi_document(client: httpx.AsyncClient, route_class: type[APIRoute]) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["AccessToken"]["scheme"] == "bearer"
    assert document["components"]["securitySchemes"]["AccessToken"]["bearerFormat"] == "JWT"
    security = document["paths"]["/notes"]["post"]["security"]
    scopes = [{"AccessToken": ["notes:read", "notes:write"]}]
    # Of an ordinary dependency, FastAPI 0.115 names the scheme alone.
    assert security == scopes or (route_class is APIRoute and security == [{"AccessToken": []}])
    assert document["paths"]["/partner"]["get"]["security"] == [{"PartnerToken": []}]


async def test_without_a_lifespan_the_error_names_the_remedy(fake_issuer: FakeIssuer) -> None:
    app = FastAPI()
    app.include_router(_router(APIRoute))
    async with running(app) as client:
        with pytest.raises(RuntimeError, match="lifespan must yield"):
            await client.get("/me", headers=_bearer(fake_issuer.token()))
