"""Each kind of revocation from the database, over each transport."""

import time
from typing import Any

import psycopg
import pytest

from resource_server.revocation import RevocationFeed
from shared_fixtures.postgres import Addresses
from tests.callers import caller

from .waiting import MakeFeed, fresh, until

NOW = int(time.time())
KINDS = [
    ("SELECT auth.revoke_token('stolen')", {"jti": "stolen"}, {"jti": "other"}),
    ("SELECT auth.revoke_client('leaked-app')", {"client_id": "leaked-app"}, {"client_id": "other"}),
    (
        "SELECT auth.revoke_issued_before(now() - interval '1 hour', subject => 'u1')",
        {"subject": "u1", "iat": NOW - 7_200},
        {"subject": "u1", "iat": NOW - 600},
    ),
    (
        "SELECT auth.revoke_issued_before(now() - interval '1 hour', issuer => 'https://idp.test')",
        {"iss": "https://idp.test", "iat": NOW - 7_200},
        {"iss": "https://other.test", "iat": NOW - 7_200},
    ),
]


@pytest.mark.parametrize(("statement", "concerned", "other"), KINDS, ids=["token", "client", "subject", "issuer"])
async def test_a_revocation_of_each_kind_arrives(
    make_feed: MakeFeed, idp: psycopg.Connection, statement: str, concerned: dict[str, Any], other: dict[str, Any]
) -> None:
    async with make_feed(heartbeat=3_600) as feed:
        await fresh(feed)
        assert not feed.is_revoked(caller(**concerned))
        idp.execute(statement)
        await until(lambda: feed.is_revoked(caller(**concerned)))
        await fresh(feed)
        assert feed.is_revoked(caller(**concerned)), "the table bears it out"
        assert not feed.is_revoked(caller(**other))
        assert not feed.is_revoked(caller("u2", iat=NOW)), "a token that lacks the claim is not concerned"
        assert feed.status().others == 1
    async with make_feed() as later:
        await fresh(later)
        assert later.is_revoked(caller(**concerned)), "in the full set too"


async def test_a_token_can_be_revoked_from_a_time_on(feed: RevocationFeed, idp: psycopg.Connection) -> None:
    idp.execute("SELECT auth.revoke_token('renewed', now() + interval '1 minute', now() + interval '1 hour')")
    idp.execute("SELECT auth.revoke_token('over', now() - interval '1 minute')")
    await fresh(feed)
    assert feed.is_revoked(caller(jti="over"))
    assert not feed.is_revoked(caller(jti="renewed"))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"sid": "'s'", "jti": "'t'"},
        {"sub": "'u'"},
        {"iss": "'i'"},
        {"sub": "'u'", "iss": "'i'", "issued_before": "1"},
        {"iss": "'i'", "min_ver": "1"},
        {"sub": "'u'", "min_ver": "1", "issued_before": "1"},
        {"jti": "'t'", "issued_before": "1"},
        {"client_id": "'c'", "effective_at": "now()"},
        {"jti": "'t'", "effective_at": "'infinity'"},
        {"jti": "repeat('t', 401)"},
        {"iss": "'i'", "issued_before": "-1"},
        {"iss": "'i'", "issued_before": "4294967296"},
    ],
    ids=str,
)
def test_the_database_accepts_no_row_that_readers_cannot_read(idp: psycopg.Connection, values: dict[str, str]) -> None:
    names = "".join(f"{name}, " for name in values)
    expressions = "".join(f"{value}, " for value in values.values())
    with pytest.raises(psycopg.errors.CheckViolation):
        idp.execute(f"INSERT INTO auth.revocation ({names}expires_at) VALUES ({expressions}now() + interval '1 day')")


def test_tokens_that_are_not_issued_yet_cannot_be_revoked(idp: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        idp.execute("SELECT auth.revoke_issued_before(now() + interval '1 hour', subject => 'u1')")


def test_a_revocation_is_kept_as_long_as_the_tokens_that_it_names(idp: psycopg.Connection) -> None:
    idp.execute("SELECT auth.revoke_token('a', until => now() + interval '1 day')")
    idp.execute("SELECT auth.revoke_token('b'), auth.revoke_token('c', until => now() + interval '1 year')")
    idp.execute("SELECT auth.revoke_issued_before(now() - interval '1 day', subject => 'd')")
    idp.execute("SELECT auth.revoke_client('e')")
    kept = idp.execute(
        "SELECT coalesce(jti, sub, client_id), extract(epoch FROM expires_at - created_at)::int FROM auth.revocation"
    ).fetchall()
    hour, day = 3_600, 86_400
    longest = 31 * day + hour
    assert dict(kept) == {"a": day + hour, "b": longest, "c": longest, "d": longest - day, "e": longest}


@pytest.mark.parametrize("statement", [statement for statement, *_ in KINDS])
def test_a_reader_may_revoke_nothing(database: Addresses, statement: str) -> None:
    with psycopg.connect(database.api) as api, pytest.raises(psycopg.errors.InsufficientPrivilege):
        api.execute(statement)
