"""The notes of a user who was deleted are erased, whoever deleted them."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic import command

from notes_api.database import Database
from notes_api.notes import departures
from notes_api.notes.departures import erase_departed, following
from shared_fixtures.postgres import Addresses, as_role
from tests.fixtures.database import configuration

USER = """
    INSERT INTO auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
    VALUES (%(id)s, 'Ada', %(id)s || '@example.com', false, now(), now())
"""
NOTE = """
    INSERT INTO app.note (id, owner_id, title, body, created_at, updated_at, version)
    VALUES (gen_random_uuid(), %(id)s, 'A title', '', now(), now(), 1)
"""
PATIENCE = 15.0
SEVERAL = 2


class Owners:
    """Users with notes, in a database that is the owner's to change."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def new(self) -> str:
        owner = str(uuid.uuid4())
        self.connection.execute(USER, {"id": owner})
        self.write(owner)
        return owner

    def write(self, owner: str) -> None:
        self.connection.execute(NOTE, {"id": owner})

    def delete(self, owner: str) -> None:
        self.connection.execute('DELETE FROM auth."user" WHERE id = %s', [owner])

    def notes(self, owner: str) -> int:
        return self.number("SELECT count(*) FROM app.note WHERE owner_id = %s", owner)

    def departed(self, owner: str) -> bool:
        return self.number("SELECT count(*) FROM app.departed_owner WHERE owner_id = %s", owner) > 0

    def number(self, query: str, owner: str) -> int:
        row = self.connection.execute(query, [owner]).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def owners(postgres: Addresses) -> Iterator[Owners]:
    with psycopg.connect(postgres.owner, autocommit=True) as connection:
        yield Owners(connection)
        connection.execute("TRUNCATE app.note, app.departed_owner")


@pytest.fixture
async def own_database(postgres: Addresses) -> AsyncIterator[Database]:
    """As the API's role."""
    database = Database.at(postgres.api)
    yield database
    await database.close()


async def test_the_notes_of_a_deleted_user_are_erased_and_nobody_elses(owners: Owners, own_database: Database) -> None:
    deleted, other = owners.new(), owners.new()
    owners.write(deleted)
    owners.delete(deleted)
    assert await erase_departed(own_database) == 2
    assert (owners.notes(deleted), owners.notes(other)) == (0, 1)


async def test_a_deletion_that_is_rolled_back_erases_nothing(owners: Owners, own_database: Database) -> None:
    owner = owners.new()
    with owners.connection.transaction(force_rollback=True):
        owners.delete(owner)
    await erase_departed(own_database)
    assert owners.notes(owner) == 1


async def test_all_users_at_once_are_deleted_users_too(owners: Owners, own_database: Database) -> None:
    everybody = [owners.new(), owners.new()]
    owners.connection.execute('TRUNCATE auth."user" CASCADE')
    assert await erase_departed(own_database) == len(everybody)


async def test_a_note_that_comes_late_is_erased_too_for_an_hour(owners: Owners, own_database: Database) -> None:
    owner = owners.new()
    owners.delete(owner)
    await erase_departed(own_database)
    owners.write(owner)
    assert await erase_departed(own_database) == 1
    assert owners.departed(owner)
    owners.connection.execute("UPDATE app.departed_owner SET departed_at = now() - interval '61 minutes'")
    owners.write(owner)
    assert await erase_departed(own_database) == 1
    assert not owners.departed(owner)


async def test_a_change_of_the_revocations_has_them_erased_at_once(
    owners: Owners, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "PAUSE", 0.02)
    looked, erased = asyncio.Event(), asyncio.Event()

    async def look(database: Database) -> int:
        count = await erase_departed(database)
        (erased if count else looked).set()
        return count

    monkeypatch.setattr(departures, "erase_departed", look)
    changed: list[Callable[[], None]] = []
    owner = owners.new()
    async with following(own_database, changed.append), asyncio.timeout(PATIENCE):
        await looked.wait()
        owners.delete(owner)
        changed[0]()
        await erased.wait()
    assert owners.notes(owner) == 0


async def test_while_the_database_is_away_they_wait(
    owners: Owners, postgres: Addresses, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(departures, "PAUSE", 0.02)
    monkeypatch.setattr(departures, "INTERVAL", 0.02)
    owner = owners.new()
    owners.delete(owner)
    attempts, several = count(), asyncio.Event()

    async def attempt(database: Database) -> int:
        if next(attempts) == SEVERAL:
            several.set()
        return await erase_departed(database)

    monkeypatch.setattr(departures, "erase_departed", attempt)
    away = Database.at(urlunsplit(urlsplit(postgres.api)._replace(path="/there_is_none")))
    async with following(away), asyncio.timeout(PATIENCE):
        await several.wait()
    await away.close()
    assert owners.notes(owner) == 1
    assert caplog.text.count("not erased") == 1


def test_the_next_migration_puts_the_trigger_back(owners: Owners, postgres: Addresses) -> None:
    owners.connection.execute('DROP TRIGGER owner_departed ON auth."user"')
    command.upgrade(configuration(postgres.owner), "head")
    owner = owners.new()
    owners.delete(owner)
    assert owners.departed(owner)


def test_without_the_identity_providers_users_there_is_nothing_to_follow(postgres_server: str) -> None:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE alone OWNER idp")
    owner = as_role(urlunsplit(urlsplit(postgres_server)._replace(path="/alone")), "idp")
    command.upgrade(configuration(owner), "head")
    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT to_regprocedure('app.owner_departed()')").fetchone() == (None,)
