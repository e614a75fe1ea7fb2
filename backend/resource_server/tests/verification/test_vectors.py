"""The shipped vectors: every valid token is accepted, every invalid one is refused by the rule that it breaks."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import jsonschema
import pytest
from fastapi import FastAPI, Security

from resource_server.fastapi import Authentication, install_problem_handlers
from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from resource_server.testing.application import running
from resource_server.testing.clock import FakeClock
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import parse_key_set
from resource_server.verification.policy import Policy
from resource_server.verification.principal import Principal
from tests.verifying import verify

SHARED = Path(__file__).parents[4] / "shared-schema"


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SHARED / name).read_text(encoding="utf-8"))
    return content


JWKS = _read("vectors/jwks.json")
ACCEPTED = _read("vectors/accepted.json")
REJECTED = _read("vectors/rejected.json")
NOW = ACCEPTED["now"]
POLICY = Policy(
    issuer=ACCEPTED["policy"]["issuer"],
    audience=ACCEPTED["policy"]["audience"],
    algorithms=frozenset(ACCEPTED["policy"]["algorithms"]),
    leeway=ACCEPTED["policy"]["leeway"],
    max_token_life=ACCEPTED["policy"]["maxTokenLife"],
    max_token_size=ACCEPTED["policy"]["maxTokenSize"],
)
KEYS = parse_key_set(JWKS, POLICY, {}).keys


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", ACCEPTED["cases"], ids=_id)
def test_a_valid_vector_is_accepted_with_its_claims(case: dict[str, Any]) -> None:
    assert verify(case["token"], KEYS, POLICY, NOW) == case["claims"]


@pytest.mark.parametrize("case", ACCEPTED["cases"], ids=_id)
def test_a_valid_vector_conforms_to_the_schema_of_claims(case: dict[str, Any]) -> None:
    jsonschema.validate(case["claims"], _read("claims.schema.json"))


@pytest.mark.parametrize("case", REJECTED["cases"], ids=_id)
def test_an_invalid_vector_is_refused_by_its_rule(case: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid) as refusal:
        verify(case["token"], KEYS, POLICY, NOW)
    assert (refusal.value.code, refusal.value.rule) == (case["code"], case["rule"])


def test_there_are_at_least_250_invalid_vectors_and_valid_ones_of_both_algorithms() -> None:
    assert len({case["token"] for case in REJECTED["cases"]}) == len(REJECTED["cases"]) >= 250
    assert {case["id"].split("/")[0] for case in ACCEPTED["cases"]} == {"EdDSA", "RS256"}
    assert REJECTED["now"] == NOW
    assert REJECTED["policy"] == ACCEPTED["policy"]


@asynccontextmanager
async def _application() -> AsyncIterator[httpx.AsyncClient]:
    authentication = Authentication()
    settings = ResourceServerSettings(
        issuer=POLICY.issuer, audience=POLICY.audience, jwks_url="http://localhost:3000/api/auth/jwks"
    )
    idp = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=JWKS)))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        clock = FakeClock(NOW)
        async with idp, ResourceServer(settings, client=idp, clock=clock) as server:
            yield {"resource_server": server}

    app = FastAPI(lifespan=lifespan)
    install_problem_handlers(app)

    @app.get("/who")
    async def who(principal: Annotated[Principal, Security(authentication.required)]) -> str:
        return principal.subject

    async with running(app) as client:
        yield client


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
async def test_over_http_every_valid_vector_is_accepted_and_every_invalid_one_gets_its_401(algorithm: str) -> None:
    cases = [case for case in (*ACCEPTED["cases"], *REJECTED["cases"]) if case["id"].startswith(algorithm)]
    assert len(cases) > 50
    async with _application() as client:
        for case in cases:
            headers = {b"Authorization": b"Bearer " + case["token"].encode("latin-1")}
            for _ in ("cold", "warm"):
                response = await client.get("/who", headers=headers)
                expected = (200, None) if case["expect"] == "accept" else (401, case["code"])
                body = response.json()
                code = body["code"] if response.status_code != 200 else None
                assert (response.status_code, code) == expected, case["id"]
