"""Several issuers behind one dependency: a token's exact issuer decides who verifies it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Security

from resource_server.fastapi import Auth, Authentication, Principal, install
from resource_server.server import ResourceServer
from resource_server.several import ResourceServers
from resource_server.testing.application import running
from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.revocations import FakeRevocations
from resource_server.testing.signing import encode_json
from resource_server.verification.errors import TokenInvalid, TokenRevoked
from resource_server.verification.rules import Rule

OTHER = "https://partner.test"


@pytest.fixture
def fake_issuer(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(clock=fake_clock)


@pytest.fixture
def partner(fake_clock: FakeClock) -> FakeIssuer:
    return FakeIssuer(issuer=OTHER, algorithm="RS256", clock=fake_clock)


def server_of(issuer: FakeIssuer, clock: FakeClock, revocations: FakeRevocations | None = None) -> ResourceServer:
    return ResourceServer(issuer.settings, client=issuer.client(), clock=clock, revocations=revocations)


@pytest.fixture
async def servers(
    fake_issuer: FakeIssuer, partner: FakeIssuer, fake_clock: FakeClock, fake_revocations: FakeRevocations
) -> AsyncIterator[ResourceServers]:
    both = [server_of(fake_issuer, fake_clock, fake_revocations), server_of(partner, fake_clock)]
    async with ResourceServers(both) as servers:
        await fake_clock.settle()
        yield servers


async def test_each_issuer_is_verified_by_its_own_keys(
    servers: ResourceServers, fake_issuer: FakeIssuer, partner: FakeIssuer
) -> None:
    for issuer in (fake_issuer, partner):
        token = issuer.token()
        caller = await servers.authenticate(token)
        assert caller.issuer == issuer.settings.issuer
        assert servers.recall(token.encode()) is caller
        await servers.check_current(caller)
    assert servers.issuers == {OTHER, fake_issuer.settings.issuer}
    assert all(state.usable for state in servers.key_sets().values())


async def test_a_token_that_claims_the_other_issuer_is_refused(
    servers: ResourceServers, fake_issuer: FakeIssuer, partner: FakeIssuer
) -> None:
    for key, victim in ((fake_issuer, partner), (partner, fake_issuer)):
        with pytest.raises(TokenInvalid):
            await servers.authenticate(key.keys[-1].token(victim.claims()))


@pytest.mark.parametrize(
    "iss", [OTHER + "/", OTHER.upper(), "https://attacker.example", "", None, 1, [OTHER], {"iss": OTHER}], ids=str
)
async def test_an_unknown_issuer_is_refused_before_any_fetch(
    iss: object, servers: ResourceServers, fake_issuer: FakeIssuer, partner: FakeIssuer
) -> None:
    fetches = fake_issuer.fetches, partner.fetches
    key = partner.rotate()
    with pytest.raises(TokenInvalid) as refusal:
        await servers.authenticate(key.token(partner.claims() | {"iss": iss}))
    assert refusal.value.rule is Rule.ISSUER
    assert (fake_issuer.fetches, partner.fetches) == fetches


@pytest.mark.parametrize(
    ("payload", "rule"),
    [(b"{}", Rule.CLAIM_MISSING), (b"[]", Rule.JSON), (b'{"iss":"a","iss":"b"}', Rule.DUPLICATE_MEMBER)],
)
async def test_a_payload_that_names_no_issuer_is_refused(
    payload: bytes, rule: Rule, servers: ResourceServers, partner: FakeIssuer
) -> None:
    with pytest.raises(TokenInvalid) as refusal:
        await servers.authenticate(partner.keys[-1].sign(encode_json({"alg": "RS256", "kid": "key-1"}), payload))
    assert refusal.value.rule is rule
    for text in ("", "a.b", "x" * 100_000):
        with pytest.raises(TokenInvalid):
            await servers.authenticate(text)


async def test_a_revocation_of_one_issuer_is_not_one_of_the_other(
    servers: ResourceServers, fake_issuer: FakeIssuer, partner: FakeIssuer, fake_revocations: FakeRevocations
) -> None:
    fake_revocations.end_session("session-1")
    with pytest.raises(TokenRevoked):
        await servers.authenticate(fake_issuer.token())
    assert (await servers.authenticate(partner.token())).subject == "user-1"


class Blocking(ResourceServers):
    """Refuses a subject."""

    blocked = ""

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        caller = await super().authenticate(token, max_revocation_staleness=max_revocation_staleness)
        if caller.subject == self.blocked:
            raise TokenInvalid("blocked")
        return caller


class Recalling(Blocking):
    """Makes the check for remembered tokens too."""

    def recall(self, token: bytes, *, max_revocation_staleness: float | None = None) -> Principal | None:
        caller = super().recall(token, max_revocation_staleness=max_revocation_staleness)
        return None if caller is None or caller.subject == self.blocked else caller


class Leaving(ResourceServers):
    """Refuses an issuer."""

    blocked = ""

    def of(self, issuer: object) -> ResourceServer:
        if issuer == self.blocked:
            raise TokenInvalid("blocked")
        return super().of(issuer)


@pytest.mark.parametrize(
    ("kind", "blocked"), [(Blocking, "user-1"), (Recalling, "user-1"), (Leaving, "https://idp.test")]
)
async def test_a_check_of_a_subclass_is_made_for_remembered_tokens_too(
    kind: type[Blocking | Leaving], blocked: str, fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    authentication = Authentication()
    servers = kind([server_of(fake_issuer, fake_clock)])

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with servers:
            yield {"resource_server": servers}

    app = FastAPI(lifespan=lifespan)
    install(app, authentication)

    @app.get("/whoami")
    async def whoami(caller: Annotated[Principal, Security(authentication.required)]) -> str:
        return caller.subject

    headers = {"Authorization": f"Bearer {fake_issuer.token()}"}
    async with running(app) as client:
        assert [(await client.get("/whoami", headers=headers)).status_code for _ in range(2)] == [200, 200]
        servers.blocked = blocked
        assert (await client.get("/whoami", headers=headers)).status_code == 401
        servers.blocked = ""
        assert (await client.get("/whoami", headers=headers)).status_code == 200


class Refusing:
    """A mixin."""

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        raise TokenInvalid(f"refused: {len(token)} characters, {max_revocation_staleness} s")


class RefusingServer(Refusing, ResourceServer):
    """Has its check from the mixin."""


class RefusingServers(Refusing, ResourceServers):
    """Has its check from the mixin."""


async def test_a_check_of_a_mixin_is_made_for_remembered_tokens_too(
    fake_issuer: FakeIssuer, fake_clock: FakeClock
) -> None:
    token = fake_issuer.token()
    server = RefusingServer(fake_issuer.settings, client=fake_issuer.client(), clock=fake_clock)
    async with server:
        await ResourceServer.authenticate(server, token)
        assert server.recall(token.encode()) is None
    servers = RefusingServers([server_of(fake_issuer, fake_clock)])
    async with servers:
        await ResourceServers.authenticate(servers, token)
        assert servers.recall(token.encode()) is None


def test_one_issuer_twice_or_none_at_all_is_refused(fake_issuer: FakeIssuer, fake_clock: FakeClock) -> None:
    server = server_of(fake_issuer, fake_clock)
    for servers in ([], [server, server]):
        with pytest.raises(ValueError, match="resource server"):
            ResourceServers(servers)


async def test_one_dependency_of_an_application_accepts_both() -> None:
    issuers = [FakeIssuer(), FakeIssuer(issuer=OTHER)]
    other = Auth(issuers[1].settings)
    auth = Auth(issuers[0].settings, also=[other])
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/whoami")
    async def whoami(caller: Annotated[Principal, auth.requires()]) -> Any:  # noqa: ANN401
        return caller.issuer

    with issuers[0].impersonate(auth), issuers[1].impersonate(other):
        async with running(app) as client:

            async def get(token: str) -> httpx.Response:
                return await client.get("/whoami", headers={"Authorization": f"Bearer {token}"})

            for issuer in issuers:
                token = issuer.token()
                for _ in range(2):
                    assert (await get(token)).json() == issuer.settings.issuer
            stranger = FakeIssuer(issuer="https://stranger.test")
            assert (await get(stranger.token())).status_code == 401
