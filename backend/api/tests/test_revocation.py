"""The service honours what the database has committed about sessions and users."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from starlette.datastructures import State

from notes_api.application import create_app
from notes_api.health import readiness
from notes_api.settings import Settings
from resource_server.revocation.page import Page
from resource_server.revocation.postgres import PostgresTransport
from resource_server.testing.issuer import FakeIssuer
from shared_fixtures.postgres import Addresses, install_revocation_feed, new_database
from tests.fixtures.database import migrate
from tests.fixtures.service import client_of

OTHER_DATABASE = (
    "come from another database than the issuer's keys, so what is revoked there is accepted here: let DATABASE_URL (or"
    " REVOCATION_FEED_URL) and AUTH_JWKS_URL lead to one identity provider"
)
USER = """
INSERT INTO auth."user" ("id", "name", "email", "emailVerified") VALUES ('ada', 'Ada', 'ada@example.com', false)
"""
SESSION = """
INSERT INTO auth."session" ("id", "expiresAt", "token", "updatedAt", "userId")
VALUES (%(id)s, now() + interval '45 days', %(id)s, now(), 'ada')
"""


@pytest.fixture
def owner(postgres: Addresses) -> Iterator[psycopg.Connection]:
    """The identity provider's connection, with one user in two sessions."""
    with psycopg.connect(postgres.owner, autocommit=True) as connection:
        connection.execute("""DELETE FROM auth.revocation""")
        connection.execute(USER)
        for session in ("one", "two"):
            connection.execute(SESSION, {"id": session})
        yield connection
        connection.execute("""DELETE FROM auth."user" WHERE "id" = 'ada'""")


@pytest.mark.parametrize(
    ("change", "survivors"),
    [
        ("""UPDATE auth."session" SET "updatedAt" = now() WHERE "id" = 'one'""", {"one", "two"}),
        ("""DELETE FROM auth."session" WHERE "id" = 'one'""", {"two"}),
        ("""UPDATE auth."user" SET "role" = 'admin' WHERE "id" = 'ada'""", set()),
        ("""DELETE FROM auth."user" WHERE "id" = 'ada'""", set()),
    ],
)
async def test_a_token_is_refused_once_its_revocation_is_committed(
    owner: psycopg.Connection, settings: Settings, issuer: FakeIssuer, change: LiteralString, survivors: set[str]
) -> None:
    app = create_app(settings.model_copy(update={"revocation_feed": "postgres"}))
    tokens = {session: issuer.token(subject="ada", session_id=session) for session in ("one", "two")}
    async with app.router.lifespan_context(app) as state, asyncio.timeout(10):
        assert state is not None
        await state["revocations"].refresh()
        async with client_of(app, state) as client:
            for expected in (set(tokens), survivors):
                answers = {
                    session: await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
                    for session, token in tokens.items()
                }
                assert {session for session, answer in answers.items() if answer.status_code == 200} == expected
                refused = {answer.json()["code"] for answer in answers.values() if answer.status_code != 200}
                assert refused <= {"token_revoked"}
                await asyncio.to_thread(owner.execute, change)
                await state["revocations"].refresh()
            assert (await client.get("/readyz")).json()["status"] == "ready"


async def test_a_process_takes_no_request_before_it_knows_the_revocations(
    owner: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute("""DELETE FROM auth."session" WHERE "id" = 'one'""")
    fetch = PostgresTransport.fetch

    async def late(transport: PostgresTransport, cursor: str | None, wait: float, wake: asyncio.Event) -> Page:
        await asyncio.sleep(0.1)
        return await fetch(transport, cursor, wait, wake)

    monkeypatch.setattr(PostgresTransport, "fetch", late)
    app = create_app(settings.model_copy(update={"revocation_feed": "postgres"}))
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        assert state["revocations"].staleness() < settings.auth_revocation_max_staleness


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("UPDATE auth.revocation_installation SET version = 1", "has version 1 of the revocation feed, 2 is needed"),
        (
            "UPDATE auth.revocation_object SET definition = 'x' WHERE name = 'revoke_all()'",
            "altered in the database: revoke_all()",
        ),
    ],
)
async def test_readiness_names_what_does_not_fit_in_the_database(
    owner: psycopg.Connection, postgres: Addresses, settings: Settings, damage: LiteralString, reason: str
) -> None:
    app = create_app(settings.model_copy(update={"revocation_feed": "postgres"}))
    owner.execute(damage)
    try:
        async with app.router.lifespan_context(app) as state, asyncio.timeout(10):
            assert state is not None
            await state["revocations"].refresh()
            said = (await readiness.check(State(dict(state))))["revocations"]
    finally:
        install_revocation_feed(postgres.owner)
    assert reason in said
    assert "run `make migrate`" in said


@pytest.fixture(scope="session")
def elsewhere(postgres_server: str) -> Addresses:
    """Another migrated database."""
    addresses = new_database(postgres_server, "elsewhere")
    migrate(addresses.owner)
    return addresses


@pytest.fixture(params=[True, False], ids=["one database", "two databases"])
def same(request: pytest.FixtureRequest, postgres: Addresses, elsewhere: Addresses, issuer: FakeIssuer) -> bool:
    """Whether the issuer works on the service's database, as it says with its key set."""
    of_service: bool = request.param
    with psycopg.connect(postgres.owner if of_service else elsewhere.owner) as identity_provider:
        row = identity_provider.execute("SELECT auth.revocation_renew_origin()").fetchone()
    assert row is not None
    issuer.headers = {"Revocation-Origin": ", ".join(row[0])}
    return of_service


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_revocations_of_another_database_than_the_keys_are_not_ready_and_the_log_says_so(
    same: bool, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings.model_copy(update={"revocation_feed": "postgres"}))
    with caplog.at_level(logging.ERROR, "resource_server"):
        async with app.router.lifespan_context(app) as state:
            assert state is not None
            server, feed = state["resource_server"], state["revocations"]
            await until(lambda: server.same_origin(feed.status().origins, feed.status().staleness) is not None)
            async with client_of(app, state) as client:
                answer = await client.get("/readyz")
            await until(lambda: same or bool(caplog.messages))
    assert answer.status_code == (200 if same else 503)
    assert answer.json()["checks"]["revocations"] == ("ok" if same else OTHER_DATABASE)
    assert caplog.messages == ([] if same else [f"not ready: revocations {OTHER_DATABASE}"])
