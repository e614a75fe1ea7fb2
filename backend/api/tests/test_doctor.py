"""`make doctor` names each fault in the settings of both sides, and what to do about it."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import ClassVar

import httpx
import psycopg
import pytest

from resource_server.doctor.finding import Finding, exit_status, report
from resource_server.doctor.nats_feed import FeedOverNats
from scripts.database import DatabaseUrls
from scripts.doctor import __main__ as doctor
from scripts.doctor import account, databases, identity_provider, installation, nats, seam, services
from scripts.doctor.in_use import InUse
from shared_fixtures.postgres import Addresses, new_database
from tests.fixtures.database import migrate

WEB = {
    "NODE_ENV": "production",
    "BETTER_AUTH_URL": "https://app.example.com",
    "JWT_AUDIENCE": "https://api.example.com",
    "JWT_ALGORITHM": "EdDSA",
    "API_URL": "https://api.example.com",
    "BETTER_AUTH_SECRET": "lBz0Jm2q7uT4nXcV9aRk3sYw8hDe5fGi",
    "REVOCATION_FEED_TOKEN": "a-credential-that-nobody-may-see-1",
    "SMTP_URL": "smtp://mail.example.com",
    "MAIL_FROM": "a@example.com",
    "DATABASE_URL": "postgresql://idp:s3cret@db.example.com/app",
}
API = {
    "ENVIRONMENT": "production",
    "AUTH_ISSUER": "https://app.example.com",
    "AUTH_AUDIENCE": "https://api.example.com",
    "AUTH_JWKS_URL": "https://app.example.com/api/auth/jwks",
    "DATABASE_URL": "postgresql://api:s3cret@db.example.com/app",
}
HTTP_FEED = {
    "REVOCATION_FEED": "http",
    "REVOCATION_FEED_URL": "https://app.example.com/api/auth/revocations",
    "REVOCATION_FEED_TOKEN": WEB["REVOCATION_FEED_TOKEN"],
}


def words_of(findings: list[Finding]) -> dict[str, str]:
    return {finding.code: str(finding) for finding in findings}


@pytest.fixture(autouse=True)
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's machine has this address."""
    address = [(None, None, None, "", ("10.0.0.7", 0))]
    monkeypatch.setattr("scripts.doctor.seam.socket.getaddrinfo", lambda *_, **__: address)


TRUSTING = {"TRUSTED_PROXIES": "10.0.0.0/8"}


@pytest.mark.parametrize("feed", [{}, HTTP_FEED])
def test_matching_settings_give_one_ok_finding(feed: dict[str, str]) -> None:
    found = seam.examine(InUse(WEB | TRUSTING, API | feed))
    assert [finding.code for finding in found] == ["ok"], report(found)


FAULTS: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "another issuer": (
        {},
        {"AUTH_ISSUER": "https://b.example.com"},
        "issuer_mismatch",
        "set AUTH_ISSUER to https://app",
    ),
    "a slash": ({}, {"AUTH_ISSUER": "https://app.example.com/"}, "issuer_mismatch", "differ in the slash at the end"),
    "http for https": ({}, {"AUTH_ISSUER": "http://app.example.com"}, "issuer_mismatch", "http:// and https://"),
    "another audience": ({}, {"AUTH_AUDIENCE": "other"}, "audience_mismatch", "set AUTH_AUDIENCE to https://api"),
    "another path": (
        {},
        {"AUTH_JWKS_URL": "https://app.example.com/jwks"},
        "key_set_wrong",
        "set it to https://app.example.com/api/auth/jwks",
    ),
    "an algorithm": ({"JWT_ALGORITHM": "RS256"}, {"AUTH_ALGORITHMS": "EdDSA"}, "algorithm_not_accepted", "add RS256"),
    "no feed": (
        {},
        {"REVOCATION_FEED": "off"},
        "feed_off",
        "accepted until it expires; set it to postgres, http or nats",
    ),
    "a feed without an address": ({}, {"REVOCATION_FEED": "http"}, "setting_refused", "needs REVOCATION_FEED_URL"),
    "NATS without an address": ({}, {"REVOCATION_FEED": "nats"}, "setting_refused", "needs NATS_URL"),
    "NATS that is not followed": (
        {},
        {"NATS_URL": "tls://nats.example.com:4222"},
        "transport_not_chosen",
        "REVOCATION_FEED is postgres: the revocations on NATS are not followed; set REVOCATION_FEED to nats",
    ),
    "a feed that is closed": (
        {"REVOCATION_FEED_TOKEN": ""},
        HTTP_FEED,
        "feed_credential",
        "has no REVOCATION_FEED_TOKEN",
    ),
    "another credential": (
        {},
        HTTP_FEED | {"REVOCATION_FEED_TOKEN": "b" * 32},
        "feed_credential",
        "not the same on both sides",
    ),
    "another header": (
        {"CLIENT_IP_HEADER": "x-real-ip"},
        {},
        "client_address_header",
        "is put in x-client-ip by the API, and looked for in x-real-ip; set CLIENT_IP_HEADER of the API to x-real-ip",
    ),
    "an untrusted relay": (
        {"TRUSTED_PROXIES": ""},
        {},
        "proxy_not_trusted",
        "add 10.0.0.7 to TRUSTED_PROXIES",
    ),
    "no CORS": (
        {"TRUSTED_ORIGINS": "https://spa.example.com"},
        {},
        "cors_missing",
        "add https://spa.example.com to CORS_ORIGINS",
    ),
    "a low bound": ({}, {"AUTH_REVOCATION_MAX_STALENESS": "4"}, "staleness_too_low", "short break of the network"),
    "a bound below any": (
        {},
        {"AUTH_REVOCATION_MAX_STALENESS": "1"},
        "staleness_too_low",
        "set it to 10 or more",
    ),
    "no mail": ({"SMTP_URL": ""}, {}, "mail_missing", "set SMTP_URL and MAIL_FROM"),
    "limits in memory": ({"RATE_LIMIT_STORAGE": "memory"}, {}, "rate_limits_apart", "set it to database"),
    "no issuer": ({}, {"AUTH_ISSUER": ""}, "setting_missing", "AUTH_ISSUER is not set"),
    "a short management token": ({}, {"MANAGEMENT_TOKEN": "short"}, "setting_refused", "MANAGEMENT_TOKEN"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_in_the_settings_is_named_with_its_remedy(name: str) -> None:
    web, api, code, words = FAULTS[name]
    use = InUse(
        {key: value for key, value in (WEB | TRUSTING | web).items() if value},
        {key: value for key, value in (API | api).items() if value},
    )
    found = words_of(seam.examine(use))
    assert words in found[code]
    text = report(seam.examine(use), secrets=use.secrets())
    assert not any(secret in text for secret in use.secrets())


@pytest.mark.parametrize("name", ["BETTER_AUTH_URL", "API_URL", "AUTH_ISSUER", "AUTH_JWKS_URL", "IDP_URL"])
@pytest.mark.parametrize("address", ["http://localhost:port", "http://localhost:99999", "http://[::1"])
async def test_an_address_that_can_t_be_read_is_named(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    monkeypatch.setattr(databases, "examine", lambda _: [])
    side = "web" if name in WEB else "api"
    use = InUse(WEB | ({name: address} if side == "web" else {}), API | ({name: address} if side == "api" else {}))
    found = words_of(await doctor.examine(use))
    assert f"{name} is no address; write it as" in found["address_unreadable"]


@pytest.mark.parametrize(("name", "code"), [("BETTER_AUTH_URL", "issuer"), ("JWT_AUDIENCE", "audience")])
def test_what_the_identity_provider_lacks_is_no_mismatch(name: str, code: str) -> None:
    use = InUse({key: value for key, value in (WEB | TRUSTING).items() if key != name}, API)
    assert f"{code}_mismatch" not in words_of(seam.examine(use))
    assert f"setting_{name.lower()}" in words_of(identity_provider.examine(use))


OF_THE_IDENTITY_PROVIDER: dict[str, tuple[dict[str, str], str, str]] = {
    "no secret": ({"BETTER_AUTH_SECRET": ""}, "setting_better_auth_secret", "is missing; make one with `openssl"),
    "a short secret": ({"BETTER_AUTH_SECRET": "tooshort"}, "setting_better_auth_secret", "shorter than 32 characters"),
    "a proxy by name": ({"TRUSTED_PROXIES": "proxy"}, "setting_trusted_proxies", "no address or CIDR range"),
    "no database": ({"DATABASE_URL": ""}, "setting_database_url", "is missing"),
    "several hosts": ({"DATABASE_URL": "postgresql://o@one,two/app"}, "setting_database_url", "several hosts, which"),
}


@pytest.mark.parametrize("name", OF_THE_IDENTITY_PROVIDER)
def test_the_identity_provider_judges_its_own_settings(name: str) -> None:
    changes, code, words = OF_THE_IDENTITY_PROVIDER[name]
    use = InUse({key: value for key, value in (WEB | changes).items() if value}, API)
    found = words_of(identity_provider.examine(use))
    assert words in found[code]
    assert "tooshort" not in found[code]


def test_a_database_that_was_not_prepared_is_named_by_the_identity_provider(postgres_server: str) -> None:
    empty = new_database(postgres_server, "doctor_unprepared")
    found = words_of(identity_provider.examine(InUse(WEB | {"DATABASE_URL": empty.owner}, API)))
    assert "not prepared; run `make migrate`" in found["setting_database_url"]


@pytest.mark.parametrize(
    ("python", "node", "codes"),
    [
        ((3, 13), "v24.19.0\n", ["ok", "ok"]),
        ((3, 10), "v24.19.0", ["python_too_old", "ok"]),
        ((3, 11), "v20.19.0", ["ok", "node_too_old"]),
        ((3, 11), "", ["ok", "node_missing"]),
    ],
)
def test_a_python_or_a_node_that_is_too_old_is_named(python: tuple[int, int], node: str, codes: list[str]) -> None:
    found = list(installation.toolchain(python, node))
    assert [finding.code for finding in found] == codes
    assert all(finding.remedy for finding in found if finding.code != "ok")


def test_files_that_next_js_alone_reads_are_named(tmp_path: Path) -> None:
    for name in (".env", ".env.local", ".env.development.local", "env.example"):
        (tmp_path / name).touch()
    found = [str(finding) for finding in installation.of_next_alone(tmp_path)]
    assert [words.partition(":")[0].partition("/")[2] for words in found] == [".env.local", ".env.development.local"]
    assert all("Next.js alone reads it" in words for words in found)


@pytest.fixture(scope="module")
def own(postgres_server: str) -> Addresses:
    addresses = new_database(postgres_server, "doctor_service")
    migrate(addresses.owner)
    with psycopg.connect(addresses.owner) as connection:
        connection.execute("GRANT USAGE ON SCHEMA app TO api")
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON app.note TO api")
        connection.execute("ALTER ROLE CURRENT_USER IN DATABASE doctor_service SET search_path = auth")
    return addresses


def database_words(addresses: Addresses, **changes: str) -> dict[str, str]:
    api = {"DATABASE_URL": addresses.api, "DATABASE_URL_UNPOOLED": addresses.api, **changes}
    return words_of(databases.examine(InUse(WEB | {"DATABASE_URL": addresses.owner}, API | api)))


def test_a_shared_database_gives_no_fault(own: Addresses) -> None:
    assert set(database_words(own)) == {"ok"}


CHANGES = {
    **{
        f"without {privilege}": (
            f"REVOKE {privilege} ON app.note FROM api",
            f"GRANT {privilege} ON app.note TO api",
            "grant_missing",
            f"role api lacks {privilege} on app.note; run `make migrate`",
        )
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")
    },
    "without the schema": (
        "REVOKE USAGE ON SCHEMA app FROM api",
        "GRANT USAGE ON SCHEMA app TO api",
        "grant_missing",
        "role api lacks USAGE on schema app",
    ),
    "without a trigger": (
        "ALTER TABLE auth.session DISABLE TRIGGER revocation_session_deleted",
        "ALTER TABLE auth.session ENABLE TRIGGER revocation_session_deleted",
        "trigger_missing",
        "sessions that end by it are not revoked; run `make migrate`",
    ),
    "without the feed": (
        "REVOKE EXECUTE ON FUNCTION auth.revocation_page FROM api",
        "GRANT EXECUTE ON FUNCTION auth.revocation_page TO api",
        "grant_missing",
        "lacks EXECUTE on auth.revocation_page; run `make migrate`",
    ),
    "of an older version": (
        "UPDATE app.alembic_version SET version_num = '0001'",
        "UPDATE app.alembic_version SET version_num = '0005'",
        "tables_outdated",
        "the API's tables are of version 0001",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_api_lacks_in_its_own_schema_is_named(own: Addresses, name: str) -> None:
    change, repair, code, words = CHANGES[name]
    with psycopg.connect(own.owner, autocommit=True) as owner:
        owner.execute(change)
        try:
            found = database_words(own)
        finally:
            owner.execute(repair)
    assert words in found[code]


def test_two_databases_are_named(own: Addresses, postgres: Addresses) -> None:
    found = database_words(own, DATABASE_URL=postgres.api, DATABASE_URL_UNPOOLED=postgres.api)
    assert "leads to another database than the identity provider's; let both lead" in found["other_database"]


@pytest.mark.parametrize("same", [True, False])
async def test_a_publisher_that_reads_another_database_is_named(
    own: Addresses, postgres: Addresses, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    with psycopg.connect(own.owner if same else postgres.owner, autocommit=True) as connection:
        row = connection.execute("SELECT auth.revocation_origins()").fetchone()
    assert row is not None

    async def publisher_answers(*_: object) -> FeedOverNats:
        return FeedOverNats([Finding("a publisher answers")], tuple(row[0]))

    monkeypatch.setattr(nats, "examine_nats_feed", publisher_answers)
    found = words_of(await nats.examine(InUse(WEB | {"DATABASE_URL": own.owner}, API | {"REVOCATION_FEED": "nats"})))
    assert list(found) == (["ok"] if same else ["other_database"])
    if not same:
        assert "the publisher reads another database than the identity provider's; let DATABASE_URL_UNPOOLED" in str(
            found
        )


@pytest.mark.parametrize("side", ["identity provider", "API"])
def test_a_database_that_one_side_can_t_reach_is_named_for_that_side(own: Addresses, side: str) -> None:
    nowhere = "postgresql://api:s3cret@127.0.0.1:9/app"
    use = InUse(
        WEB | {"DATABASE_URL": nowhere if side == "identity provider" else own.owner},
        API | {"DATABASE_URL": nowhere if side == "API" else own.api},
    )
    found = words_of(databases.examine(use))
    assert f"127.0.0.1:9 (DATABASE_URL of the {side})" in found["database_unreachable"]
    assert "s3cret" not in str(found)


@pytest.mark.parametrize("side", ["identity provider", "API"])
def test_a_wrong_password_is_named_for_the_side_that_has_it(
    own: Addresses, asked_for_a_password: str, side: str
) -> None:
    use = InUse(
        WEB | {"DATABASE_URL": asked_for_a_password if side == "identity provider" else own.owner},
        API | {"DATABASE_URL": asked_for_a_password if side == "API" else own.api},
    )
    found = words_of(databases.examine(use))
    assert f"refuses the user name or the password in DATABASE_URL of the {side}" in found["database_password"]
    assert f"correct the password in DATABASE_URL of the {side}" in found["database_password"]
    assert "wr0ng" not in str(found)


class Service(http.server.BaseHTTPRequestHandler):
    """Says that it is well, by a clock that is `ahead`."""

    ahead = 0.0
    body: ClassVar[object] = {"status": "ok"}
    transport = "listen"

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", formatdate(time.time() + self.ahead, usegmt=True))
        self.end_headers()
        ready = {"status": "ready", "checks": {}, "revocations": {"transport": self.transport}}
        self.wfile.write(json.dumps(ready if self.path.endswith("/readyz") else self.body).encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def served(**attributes: object) -> Iterator[str]:
    handler = type("Handler", (Service,), attributes)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


async def live(web: str, api: str, database: str, feed: str = "postgres") -> list[Finding]:
    use = InUse(
        WEB | {"BETTER_AUTH_URL": web, "API_URL": api, "DATABASE_URL": database}, API | {"REVOCATION_FEED": feed}
    )
    async with httpx.AsyncClient() as client:
        return await services.examine(use, client)


@pytest.mark.parametrize(
    ("web_ahead", "api_ahead", "words"),
    [
        (0, 0, "Clocks agree"),
        (300, 0, "Clock of the identity provider: it is "),
        (0, -300, "Clock of the API: it is"),
    ],
)
async def test_a_clock_that_is_off_is_named(own: Addresses, web_ahead: int, api_ahead: int, words: str) -> None:
    with served(ahead=web_ahead) as web, served(ahead=api_ahead) as api:
        found = await live(web, api, own.owner)
    assert words in report(found)
    assert exit_status(found) == (1 if web_ahead or api_ahead else 0)


async def test_a_stopped_service_and_a_port_in_use_are_distinguished(own: Addresses) -> None:
    with served(body=["another", "program"]) as web:
        found = words_of(await live(web, "http://127.0.0.1:9", own.owner))
    assert "does not answer at http://127.0.0.1:9/healthz" in found["not_running"]
    assert "is taken by another program" in found["port_taken"]
    assert "choose another port (WEB_PORT)" in found["port_taken"]


@pytest.mark.parametrize(
    ("transport", "feed", "agrees"),
    [
        ("listen", "postgres", True),
        ("poll", "postgres", True),
        ("nats", "nats", True),
        ("listen", "nats", False),
        ("nats", "http", False),
    ],
)
async def test_an_api_that_follows_another_transport_than_is_configured_is_named(
    own: Addresses, transport: str, feed: str, agrees: bool
) -> None:
    with served() as web, served(transport=transport) as api:
        found = words_of(await live(web, api, own.owner, feed))
    assert ("other_transport" not in found) is agrees
    if not agrees:
        assert f"over {transport}, but REVOCATION_FEED is {feed}; restart the API" in found["other_transport"]


@pytest.mark.parametrize(
    ("known", "code"), [((True,), "ok"), ((False,), "session_unknown"), ((True, False), "secrets_differ")]
)
async def test_instances_with_different_secrets_are_named(known: tuple[bool, ...], code: str) -> None:
    asked = iter(known * account.ASKED)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"session": {}} if next(asked) else None))
    user = account.User("id", "a@doctor.invalid", "password", "token", "cookie", None)
    (found,) = await account.one_secret(InUse(WEB, API), user, transport)
    assert found.code == code
    if code == "secrets_differ":
        assert "instances have different secrets; give all instances the same BETTER_AUTH_SECRET" in str(found)


@pytest.mark.parametrize(
    ("seen", "own_address", "code"),
    [
        ("127.9.8.7", "127.9.8.7", None),
        ("203.0.113.9", None, None),
        ("", "127.9.8.7", "client_address_missing"),
        ("127.0.0.1", "127.9.8.7", "proxy_not_trusted"),
        ("127.0.0.1", None, "proxy_not_trusted"),
    ],
)
def test_rate_limits_in_one_bucket_are_named(seen: str, own_address: str | None, code: str | None) -> None:
    found = account.judged("the identity provider", seen, own_address)
    assert (found.code if found else None) == code
    if found:
        assert "everybody" in found.problem
        assert "one rate limit" in found.problem


def test_urls_of_a_stack_are_what_is_examined() -> None:
    from scripts.doctor.in_use import in_use  # noqa: PLC0415

    use = in_use(
        DatabaseUrls("postgresql://o@h/d", "postgresql://a@h-pooler.x/d"), {"BETTER_AUTH_URL": "http://localhost:3100"}
    )
    assert use.web["BETTER_AUTH_URL"] == "http://localhost:3100"
    assert use.api["DATABASE_URL_UNPOOLED"] == "postgresql://a@h.x/d"
