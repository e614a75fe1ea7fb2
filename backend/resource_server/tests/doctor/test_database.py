"""Each thing that can be wrong between a resource server and the feed in Postgres is named, with its remedy."""

import re
from collections.abc import Callable

import psycopg
import pytest

from resource_server.doctor.database import examine_feed
from resource_server.doctor.finding import Level
from resource_server.revocation.grants import FUNCTIONS
from shared_fixtures.postgres import Addresses, new_database
from shared_fixtures.privileges import OF_A_READER

MIGRATE = "run `npx better-auth-revocation migrate`"


def codes(address: str, variable: str = "DATABASE_URL") -> dict[str, str]:
    return {finding.code: str(finding) for finding in examine_feed(address, variable=variable).findings}


def test_a_working_feed_gives_one_ok_finding(database: Addresses) -> None:
    (finding,) = examine_feed(database.api).findings
    assert finding.level is Level.OK
    assert examine_feed(database.api).origins


GRANTS = {
    "USAGE on schema auth": "USAGE ON SCHEMA auth",
    "SELECT on auth.revocation": "SELECT ON auth.revocation",
    **{f"EXECUTE on auth.{name}": f"EXECUTE ON FUNCTION auth.{name}" for name in FUNCTIONS},
}


@pytest.mark.parametrize("grant", GRANTS)
def test_each_grant_that_the_role_lacks_is_named(database: Addresses, grant: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(f"REVOKE {GRANTS[grant]} FROM api")
    found = codes(database.api)
    remedy = "as the schema's owner, run what `npx better-auth-revocation grants --role api` prints"
    assert f"role api (DATABASE_URL) lacks {grant}; {remedy}" in found["grant_missing"]


def test_the_doctor_knows_each_grant_of_a_reader() -> None:
    known = {f"auth.{name}: EXECUTE" for name in FUNCTIONS} | {"schema auth: USAGE", "auth.revocation: SELECT"}
    assert known == {re.sub(r"\(.*\)", "", grant) for grant in OF_A_READER}


CHANGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a dropped trigger": (
        "DROP TRIGGER revocation_session_deleted ON auth.session",
        "trigger_missing",
        ("session.revocation_session_deleted is dropped", MIGRATE),
    ),
    "a disabled trigger": (
        "ALTER TABLE auth.session DISABLE TRIGGER revocation_session_deleted",
        "trigger_missing",
        ("session.revocation_session_deleted is disabled", MIGRATE),
    ),
    "an older version": (
        "UPDATE auth.revocation_installation SET version = 1",
        "feed_outdated",
        ("has version 1 of the feed", MIGRATE),
    ),
    "a version without a function": (
        "DROP FUNCTION auth.revocation_origins() CASCADE",
        "feed_outdated",
        ("lacks auth.revocation_origins, or has an earlier version", MIGRATE),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_by_the_owner_is_named(database: Addresses, name: str) -> None:
    change, code, words = CHANGES[name]
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(change)
    found = codes(database.api)
    assert code in found
    for word in words:
        assert word in found[code]


def test_a_database_that_was_never_migrated_is_named(database: Addresses) -> None:
    empty = new_database(database.superuser, f"{database.superuser.partition('?')[0].rpartition('/')[2]}_empty")
    assert f"has no auth.revocation; {MIGRATE}" in codes(empty.api)["not_migrated"]


def test_an_api_with_the_owners_address_is_named(database: Addresses) -> None:
    found = codes(database.owner, variable="DATABASE_URL")
    assert "role idp (DATABASE_URL) can read auth.account" in found["role_reads_too_much"]
    assert "give the API a role of its own" in found["role_reads_too_much"]


UNREACHABLE: dict[str, tuple[Callable[[str], str], str, str]] = {
    "a closed port": (lambda _: "postgresql://api:s3cret@127.0.0.1:9/app", "database_unreachable", "127.0.0.1:9"),
    "an unknown host": (lambda _: "postgresql://api:s3cret@db.invalid/app", "database_unreachable", "db.invalid"),
    "no address": (lambda _: "postgresql://api:s3cret@host:port/app", "database_address", "no address"),
    "an @ in the password": (lambda _: "postgresql://api:p@s3cret@127.0.0.1:9/app", "database_address", "@ is %40"),
    "a / in the password": (lambda _: "postgresql://api:12/s3cret@127.0.0.1:9/app", "database_address", "encode"),
    "closed ports": (lambda _: "postgresql://api:s3cret@[::1]:9,h.invalid/app", "database_unreachable", "::1:9, h.inv"),
    "an unknown database": (lambda url: url.replace("/doctor", "/nowhere", 1), "database_missing", "does not exist"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_database_that_can_t_be_reached_is_named_without_the_password(database: Addresses, name: str) -> None:
    address, code, word = UNREACHABLE[name]
    found = codes(address(database.api), variable="DATABASE_URL")
    assert list(found) == [code]
    assert word in found[code]
    assert "DATABASE_URL" in found[code]
    assert "s3cret" not in found[code]


def test_a_wrong_password_is_named_and_not_shown(asked_for_a_password: str) -> None:
    found = codes(asked_for_a_password, variable="DATABASE_URL")
    assert "refuses the user name or the password in DATABASE_URL" in found["database_password"]
    assert "wr0ng" not in str(found)


def test_an_address_that_can_t_listen_is_named(database: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    # PgBouncer in transaction mode passes NOTIFY on to nobody; the service's tests run the real one.
    monkeypatch.setattr(psycopg.Connection, "notifies", lambda *_, **__: iter(()))
    found = codes(database.api)
    assert "no notification arrives over DATABASE_URL" in found["pooled_address"]
    assert "set DATABASE_URL_UNPOOLED to the direct address" in found["pooled_address"]
