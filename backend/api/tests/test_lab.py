"""A lab process: each lab has a follower of its own, which refuses a revoked token; the ordinary check never does."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import psycopg
import pytest

from notes_api.lab import followers as module
from notes_api.lab.application import create_lab_app
from notes_api.lab.settings import LabSettings
from notes_api.settings import Settings
from resource_server.testing.issuer import FakeIssuer
from shared_fixtures.postgres import Addresses
from tests.fixtures.service import running

CREDENTIAL = "a-credential-that-opens-labs-in-the-tests"
SHORT = 1.0
PATIENCE = 10.0


@pytest.fixture
def lab_settings(settings: Settings, postgres: Addresses) -> LabSettings:
    return LabSettings.model_validate(
        {**settings.model_dump(), "database_url_unpooled": postgres.api, "lab_credential": CREDENTIAL}
    )


@pytest.fixture
async def process(lab_settings: LabSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The identity provider's client of a lab process."""
    async with running(create_lab_app(lab_settings)) as client:
        client.headers["Authorization"] = f"Bearer {CREDENTIAL}"
        yield client


class Lab:
    """An open lab, with the token of a session that the database knows."""

    def __init__(self, process: httpx.AsyncClient, address: str, token: str, session: str) -> None:
        self.path = f"/labs/{uuid4()}"
        self.process = process
        self.address = address
        self.token = {"Authorization": f"Bearer {token}"}
        self.session = session

    async def ask(self, path: str | None = None) -> httpx.Response:
        return await self.process.get(path or self.path, headers=self.token)

    async def outcome(self) -> tuple[int, str | None]:
        answer = await self.ask()
        return answer.status_code, answer.json().get("code")

    async def becomes(self, expected: tuple[int, str]) -> None:
        """Asks until that is the outcome."""
        async with asyncio.timeout(PATIENCE):
            while await self.outcome() != expected:
                pass

    async def end_session(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.address, autocommit=True) as connection:
            await connection.execute("DELETE FROM auth.session WHERE id = %s", [self.session])


async def open_lab(process: httpx.AsyncClient, settings: LabSettings, issuer: FakeIssuer, owner: str) -> Lab:
    user, session = str(uuid4()), str(uuid4())
    async with await psycopg.AsyncConnection.connect(owner, autocommit=True) as connection:
        await connection.execute(
            'INSERT INTO auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt") '
            "VALUES (%s, 'Guest', %s, false, now(), now())",
            [user, f"{user}@lab.invalid"],
        )
        await connection.execute(
            'INSERT INTO auth.session (id, "userId", token, "expiresAt", "createdAt", "updatedAt") '
            "VALUES (%s, %s, %s, now() + interval '45 days', now(), now())",
            [session, user, session],
        )
    lab = Lab(process, owner, issuer.token(subject=user, session_id=session, aud=settings.audience), session)
    assert (await process.put(lab.path)).status_code == 200
    return lab


@pytest.fixture
async def lab(process: httpx.AsyncClient, lab_settings: LabSettings, issuer: FakeIssuer, postgres: Addresses) -> Lab:
    return await open_lab(process, lab_settings, issuer, postgres.owner)


async def test_a_revoked_token_is_refused_here_and_accepted_by_the_ordinary_check(lab: Lab) -> None:
    before = await lab.ask()
    assert (before.status_code, before.json()["following"]) == (200, True)
    assert before.json()["microseconds"] > 0
    await lab.end_session()
    await lab.becomes((401, "token_revoked"))
    assert (await lab.ask("/ordinary")).status_code == 200


async def test_what_its_feed_acknowledges_is_on_record_under_its_id(lab: Lab, postgres: Addresses) -> None:
    listener = (await lab.process.put(lab.path)).json()["listener"]
    async with await psycopg.AsyncConnection.connect(postgres.owner, autocommit=True) as connection:
        found = await connection.execute("SELECT count(*) FROM auth.revocation_listener WHERE id = %s", [listener])
        assert await found.fetchone() == (1,)


async def test_a_stopped_feed_is_a_503_at_the_bound_and_recovers_when_it_is_started(
    lab_settings: LabSettings, issuer: FakeIssuer, postgres: Addresses
) -> None:
    quick = lab_settings.model_copy(update={"lab_max_staleness": SHORT})
    async with running(create_lab_app(quick)) as client:
        client.headers["Authorization"] = f"Bearer {CREDENTIAL}"
        lab = await open_lab(client, quick, issuer, postgres.owner)
        other = await open_lab(client, quick, issuer, postgres.owner)
        assert (await client.delete(f"{lab.path}/feed")).json()["following"] is False
        await lab.end_session()
        await lab.becomes((503, "revocation_stale"))
        assert await other.outcome() == (200, None)
        assert (await client.put(f"{lab.path}/feed")).json()["following"] is True
        assert await lab.outcome() == (401, "token_revoked")


async def test_the_service_refuses_a_lab_s_token_and_a_lab_the_service_s(
    lab: Lab, client: httpx.AsyncClient, issuer: FakeIssuer
) -> None:
    assert (await client.get("/api/me", headers=lab.token)).json()["code"] == "token_invalid"
    lab.token = {"Authorization": f"Bearer {issuer.token()}"}
    assert await lab.outcome() == (401, "token_invalid")


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("DELETE", ""), ("PUT", "/feed"), ("DELETE", "/feed")])
async def test_only_the_identity_provider_opens_closes_and_breaks_labs(lab: Lab, method: str, path: str) -> None:
    for headers in ({"Authorization": "Bearer another"}, lab.token):
        refused = await lab.process.request(method, lab.path + path, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")
    assert await lab.outcome() == (200, None)


async def test_a_closed_lab_and_one_of_nobody_are_not_found(lab: Lab) -> None:
    assert (await lab.process.delete(lab.path)).status_code == 204
    assert await lab.outcome() == (404, "not_found")
    assert (await lab.process.put(f"/labs/{uuid4()}/feed")).status_code == 404


async def test_a_process_takes_no_more_labs_than_it_may(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 1)
    refused = await lab.process.put(f"/labs/{uuid4()}")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert (await lab.process.put(lab.path)).status_code == 200


async def test_labs_that_nobody_asks_are_closed(lab_settings: LabSettings) -> None:
    now = 0.0
    async with httpx.AsyncClient() as client:
        followers = module.Followers(lab_settings, client, clock=lambda: now)
        used, idle = uuid4(), uuid4()
        await followers.open(used)
        await followers.open(idle)
        now = module.IDLE_SECONDS
        assert followers.get(used) is not None
        now += 1
        await followers.close_idle()
        assert (followers.get(used) is not None, followers.get(idle) is not None) == (True, False)
        await followers.close_all()
