"""Each thing that can be wrong with the feed over NATS is named, with its remedy."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from nats.aio.msg import Msg

from resource_server.__main__ import main
from resource_server.doctor.nats_feed import examine_nats_feed
from resource_server.doctor.settings import examine_settings
from resource_server.revocation.nats.access import Connection, NatsAccess
from resource_server.testing.issuer import FakeIssuer
from scripts.ports import free_port
from shared_fixtures.certificates import make_certificates
from shared_fixtures.nats import PUBLISHER, SERVER, NatsServer
from shared_fixtures.postgres import Addresses
from tests.revocation.publishing import publishing

SUBJECTS = ("revocations.pages", "revocations.snapshot")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the doctor waits for an answer that does not come."""
    monkeypatch.setattr("resource_server.doctor.nats_feed.SECONDS", 0.5)


def settings(nats: NatsServer, **changes: str) -> dict[str, str]:
    user, password = SERVER
    return {"NATS_URL": nats.url, "NATS_USER": user, "NATS_PASSWORD": password, **changes}


async def words(values: dict[str, str]) -> dict[str, str]:
    return {finding.code: str(finding) for finding in (await examine_nats_feed(values)).findings}


@asynccontextmanager
async def speaking_as_publisher(nats: NatsServer) -> AsyncIterator[Connection]:
    connection = Connection(NatsAccess(nats.url, *PUBLISHER), 5.0)
    await connection.open("test")
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_working_feed_gives_one_ok_finding_and_names_its_database(
    nats: NatsServer, database: Addresses
) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        known = owner.execute("SELECT auth.revocation_origins()").fetchone()
    async with publishing(database.api, nats):
        found = await examine_nats_feed(settings(nats))
    assert [finding.code for finding in found.findings] == ["ok"]
    assert known is not None
    assert set(found.origins) & set(known[0])


async def test_the_doctor_is_not_counted_as_a_server_that_follows(nats: NatsServer, database: Addresses) -> None:
    heard: list[dict[str, object]] = []

    async def hear(message: Msg) -> None:
        heard.append(json.loads(message.data))

    async with publishing(database.api, nats), speaking_as_publisher(nats) as connection:
        await connection.client.subscribe("revocations.questions", cb=hear)
        await connection.client.flush()
        assert list(await words(settings(nats))) == ["ok"]
    assert [(question["position"], question["stream"]) for question in heard] == [(None, None)]


async def test_an_unreachable_server_is_named() -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    found = await words({"NATS_URL": url})
    assert found["nats_unreachable"].endswith(
        f"no connection to {url} (NATS_URL); start NATS, or correct host and port of NATS_URL"
    )


async def test_wrong_credentials_are_named_without_the_password(nats: NatsServer) -> None:
    found = await words(settings(nats, NATS_PASSWORD="wr0ng-passw0rd"))
    assert "refuses the user or the password; correct NATS_USER and NATS_PASSWORD" in found["nats_credentials"]
    assert "wr0ng-passw0rd" not in str(found)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"NATS_URL": ""}, "NATS_URL is missing"),
        ({"NATS_URL": "nats://nats.example.com:4222"}, "must begin with tls://"),
        ({"NATS_PASSWORD": ""}, "a NATS user needs a password"),
        ({"NATS_USER": "", "NATS_PASSWORD": "", "NATS_CREDENTIALS": "/nowhere"}, "there is no file /nowhere"),
        ({"NATS_STREAM": "two words"}, "the name of a stream"),
    ],
)
async def test_an_invalid_nats_setting_is_named(nats: NatsServer, changes: dict[str, str], problem: str) -> None:
    found = await words(settings(nats, **changes))
    assert problem in found["nats_setting"]


@pytest.fixture
def with_tls(tmp_path: Path) -> Iterator[NatsServer]:
    """A server with TLS from the first byte on, by a certificate that nobody trusts."""
    made = make_certificates(tmp_path)
    server = NatsServer(f'tls {{ cert_file: "{made.certificate}", key_file: "{made.key}", handshake_first: true }}')
    server.start()
    yield server
    server.close()


@pytest.mark.usefixtures("impatient")
async def test_a_certificate_that_is_not_trusted_is_named(with_tls: NatsServer) -> None:
    found = await words(settings(with_tls, NATS_URL=f"tls://localhost:{with_tls.port}"))
    assert "let NATS_CA name the authority" in found["nats_tls"]


async def test_a_missing_stream_is_named(nats: NatsServer) -> None:
    found = await words(settings(nats))
    assert "there is no stream revocations (NATS_STREAM)" in found["nats_stream_missing"]
    assert "start a publisher (python -m resource_server publish)" in found["nats_stream_missing"]


@pytest.mark.usefixtures("impatient")
async def test_a_user_without_the_permissions_of_a_server_is_named(nats: NatsServer, database: Addresses) -> None:
    async with publishing(database.api, nats):
        found = await words(settings(nats, NATS_STREAM="another"))
    assert "give the user the permissions" in found["nats_permission"]


async def test_a_publisher_that_does_not_run_is_named(nats: NatsServer, database: Addresses) -> None:
    async with publishing(database.api, nats):
        pass
    found = await words(settings(nats))
    assert "no publisher answers for the stream revocations" in found["nats_publisher_missing"]
    assert "start python -m resource_server publish with the same NATS_STREAM" in found["nats_publisher_missing"]


@pytest.mark.usefixtures("impatient")
async def test_a_publisher_that_answers_nothing_is_named(nats: NatsServer, database: Addresses) -> None:
    async def say_nothing(_: Msg) -> None:
        await asyncio.sleep(0)

    async with publishing(database.api, nats):
        pass
    async with speaking_as_publisher(nats) as connection:
        await connection.client.subscribe("revocations.questions", cb=say_nothing)
        await connection.client.flush()
        found = await words(settings(nats))
    assert "no publisher answers" in found["nats_publisher_missing"]


NOT_FITTING: dict[str, tuple[dict[str, Any], str]] = {
    "nats_stream_replaced": ({"stream": "another", "term": 10**12}, "has another identity than the publisher's"),
    "nats_publisher_replaced": ({"term": 0}, "a publisher answers that another one has replaced"),
}


@pytest.mark.parametrize("code", NOT_FITTING)
async def test_an_answer_that_contradicts_the_stream_is_named(nats: NatsServer, database: Addresses, code: str) -> None:
    changes, problem = NOT_FITTING[code]
    async with publishing(database.api, nats), speaking_as_publisher(nats) as connection:
        last = json.loads((await connection.jetstream.get_last_msg("revocations", SUBJECTS[0])).data or b"")
    said = {
        "protocol": 1,
        "stream": last["stream"],
        "position": 1,
        "snapshot": {"first": 1, "last": 1, "position": 0, "rows": 0},
        "max_token_life": 60,
        "schema_version": 3,
        "pause": 0,
        **changes,
    }
    async with speaking_as_publisher(nats) as former:

        async def answer(message: Msg) -> None:
            nonce = json.loads(message.data)["nonce"]
            await former.client.publish(message.reply, json.dumps({**said, "nonce": nonce}).encode())

        await former.client.subscribe("revocations.questions", cb=answer)
        await former.client.flush()
        found = await words(settings(nats))
    assert list(found) == [code]
    assert problem in found[code]
    assert "restart the publishers" in found[code]


async def test_messages_that_are_not_a_publisher_s_are_named(nats: NatsServer) -> None:
    async with speaking_as_publisher(nats) as connection:
        await connection.jetstream.add_stream(name="revocations", subjects=list(SUBJECTS), allow_direct=True)
        await connection.jetstream.publish(SUBJECTS[0], b"hello")
        found = await words(settings(nats))
        assert "let NATS_STREAM name the publisher's stream" in found["nats_malformed"]
        await connection.jetstream.publish(SUBJECTS[0], b'{"protocol": 2}')
        found = await words(settings(nats))
        assert "upgrade the older of the API and the publisher" in found["nats_version"]


async def test_what_the_publisher_s_database_lacks_is_named(nats: NatsServer, database: Addresses) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("DROP TRIGGER revocation_session_deleted ON auth.session")
        owner.execute("UPDATE auth.revocation_installation SET version = 1")
    async with publishing(database.api, nats):
        found = await words(settings(nats))
    assert "session.revocation_session_deleted" in found["trigger_missing"]
    assert "has version 1" in found["feed_outdated"]


OF_TOKENS = {"AUTH_ISSUER": "https://app.example.com", "AUTH_AUDIENCE": "https://api.example.com"}


@pytest.mark.parametrize("feed", [{}, {"REVOCATION_FEED": "postgres"}, {"REVOCATION_FEED": "http"}])
def test_a_nats_server_that_is_configured_but_not_followed_is_named(feed: dict[str, str]) -> None:
    found = examine_settings({**OF_TOKENS, **feed, "NATS_URL": "nats://localhost:4222"}).findings
    assert [finding.code for finding in found] == ["transport_not_chosen"]
    assert "set REVOCATION_FEED to nats, or remove NATS_URL" in str(found[0])
    assert examine_settings({**OF_TOKENS, "REVOCATION_FEED": "nats", "NATS_URL": "nats://localhost"}).findings == []


def test_the_command_examines_nats_and_hides_the_password(
    served_issuer: FakeIssuer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "AUTH_ISSUER": served_issuer.settings.issuer,
        "AUTH_AUDIENCE": served_issuer.settings.audience,
        "AUTH_JWKS_URL": served_issuer.jwks_url,
        "REVOCATION_FEED": "nats",
        "NATS_URL": "nats://127.0.0.1:9",
        "NATS_USER": "server",
        "NATS_PASSWORD": "nats://127.0.0.1",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "start NATS, or correct host and port of NATS_URL" in said
    assert values["NATS_PASSWORD"] not in said
