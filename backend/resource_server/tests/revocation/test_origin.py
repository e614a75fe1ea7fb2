"""Each database has names of its own, which distinguish a copy from its original."""

from urllib.parse import urlsplit, urlunsplit

import psycopg

from resource_server.origin import OriginComparison
from shared_fixtures.postgres import Addresses

from .waiting import MakeFeed, fresh

NAMED_JUST_NOW = "UPDATE auth.revocation_origin SET created_at = now()"
MINUTE_LATER = "UPDATE auth.revocation_origin SET created_at = created_at - interval '61 seconds'"


def origins(connection: psycopg.Connection, *, renew: bool = False) -> tuple[str, ...]:
    function = "revocation_renew_origin" if renew else "revocation_origins"
    row = connection.execute(f"SELECT auth.{function}()").fetchone()
    assert row is not None
    return tuple(row[0])


def same(one: tuple[str, ...], other: tuple[str, ...]) -> bool | None:
    return OriginComparison().same(one, 0, other, 0)


def test_a_name_is_renewed_each_minute_and_four_are_kept(idp: psycopg.Connection) -> None:
    idp.execute(NAMED_JUST_NOW)
    seen = [origins(idp)]
    assert origins(idp, renew=True) == seen[0]
    for _ in range(5):
        idp.execute(MINUTE_LATER)
        seen.append(origins(idp, renew=True))
        assert origins(idp, renew=True) == seen[-1]
        assert same(seen[-1], seen[-2])
        assert seen[-1][1:] == seen[-2][:3]
    assert [len(names) for names in seen] == [1, 2, 3, 4, 4, 4]


def test_a_copy_of_the_database_has_other_names_within_a_minute(idp: psycopg.Connection, database: Addresses) -> None:
    idp.execute(NAMED_JUST_NOW)
    idp.close()
    parts = urlsplit(database.superuser)
    copy = f"{parts.path[1:]}_copy"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {copy} TEMPLATE {parts.path[1:]} OWNER idp")
    with (
        psycopg.connect(database.owner, autocommit=True) as original,
        psycopg.connect(urlunsplit(urlsplit(database.owner)._replace(path=f"/{copy}")), autocommit=True) as copied,
    ):
        assert same(origins(original, renew=True), origins(copied, renew=True))
        for connection in (original, copied):
            connection.execute(MINUTE_LATER)
        assert same(origins(original, renew=True), origins(copied, renew=True)) is False


async def test_every_transport_names_its_database(idp: psycopg.Connection, make_feed: MakeFeed) -> None:
    async with make_feed() as feed:
        await fresh(feed)
        assert feed.status().origins == origins(idp)
