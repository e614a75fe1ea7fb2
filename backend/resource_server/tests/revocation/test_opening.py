"""No session is opened with a password that has been changed, or by somebody banned, whatever the timing."""

import hashlib
import threading
from collections.abc import Iterator

import psycopg
import pytest

from shared_fixtures.postgres import Addresses

FIRST = hashlib.sha256(b"first").hexdigest()
OPEN = """
    INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId", "passwordFingerprint")
    VALUES ('new', now() + interval '1 day', 'new', now(), 'u2', %s)
"""
CHALLENGE = """
    INSERT INTO auth.verification (id, identifier, value, "expiresAt", "passwordFingerprint")
    VALUES ('v', '2fa-v', 'u2', now() + interval '1 day', %s)
"""
CHANGES = {
    "password": "UPDATE auth.account SET password = 'second' WHERE \"userId\" = 'u2'",
    "no password": "DELETE FROM auth.account WHERE \"userId\" = 'u2'",
    "ban": "UPDATE auth.\"user\" SET banned = true WHERE id = 'u2'",
}
LEVELS = list(psycopg.IsolationLevel)


@pytest.fixture
def other(database: Addresses) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.owner) as connection:
        yield connection


def sessions(idp: psycopg.Connection) -> list[str]:
    return [row[0] for row in idp.execute("SELECT id FROM auth.session WHERE \"userId\" = 'u2'")]


def test_a_session_with_the_present_password_is_opened(idp: psycopg.Connection) -> None:
    idp.execute(OPEN, (FIRST,))
    assert sessions(idp) == ["s3", "new"]


@pytest.mark.parametrize("change", ["password", "no password"])
def test_a_session_of_an_older_password_is_refused(idp: psycopg.Connection, change: str) -> None:
    idp.execute(CHANGES[change])
    with pytest.raises(psycopg.Error) as refusal:
        idp.execute(OPEN, (FIRST,))
    assert refusal.value.sqlstate == "RV001"
    assert sessions(idp) == []


def test_a_session_without_a_password_needs_none(idp: psycopg.Connection) -> None:
    idp.execute(CHANGES["password"])
    idp.execute(OPEN, (None,))
    assert sessions(idp) == ["new"]


def test_a_banned_user_opens_no_session_until_the_ban_is_over(idp: psycopg.Connection) -> None:
    idp.execute(CHANGES["ban"])
    assert sessions(idp) == []
    with pytest.raises(psycopg.Error) as refusal:
        idp.execute(OPEN, (None,))
    assert refusal.value.sqlstate == "RV002"
    idp.execute('UPDATE auth."user" SET "banExpires" = now() - interval \'1 second\'')
    idp.execute(OPEN, (None,))
    assert sessions(idp) == ["new"]


def test_a_ban_that_begins_again_ends_the_sessions_again(idp: psycopg.Connection) -> None:
    idp.execute('UPDATE auth."user" SET banned = true, "banExpires" = now() - interval \'1 second\'')
    assert sessions(idp) == ["s3"]
    idp.execute('UPDATE auth."user" SET "banExpires" = now() + interval \'1 hour\'')
    assert sessions(idp) == []


def test_a_session_that_is_still_being_opened_ends_with_its_password(idp: psycopg.Connection) -> None:
    idp.execute(CHALLENGE, (FIRST,))
    idp.execute(
        'INSERT INTO auth.verification (id, identifier, value, "expiresAt")'
        " VALUES ('r', 'reset', 'u2', now()), ('o', 'other', 'u1', now())"
    )
    idp.execute(CHANGES["password"])
    assert idp.execute("SELECT id FROM auth.verification").fetchall() == [("o",)]
    with pytest.raises(psycopg.Error) as refusal:
        idp.execute(CHALLENGE, (FIRST,))
    assert refusal.value.sqlstate == "RV001"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_is_not_committed_yet_is_waited_for(
    idp: psycopg.Connection, other: psycopg.Connection, change: str, level: psycopg.IsolationLevel
) -> None:
    other.isolation_level = level
    other.execute(CHANGES[change])
    opening = Attempt(idp, OPEN, FIRST)
    opening.wait_until_blocked(other)
    other.commit()
    assert opening.sqlstate() in {"RV001", "RV002"}
    assert sessions(idp) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_session_that_is_not_committed_yet_is_ended_by_the_change(
    idp: psycopg.Connection, other: psycopg.Connection, change: str, level: psycopg.IsolationLevel
) -> None:
    idp.autocommit = False
    idp.isolation_level = level
    idp.execute("SELECT 1")
    other.execute(OPEN, (FIRST,))
    changing = Attempt(idp, CHANGES[change])
    changing.wait_until_blocked(other)
    other.commit()
    state = changing.sqlstate()
    if state is None:
        idp.commit()
        assert sessions(idp) == []
    else:
        # A stricter level has to be tried again, as any transaction there; nothing has changed.
        assert (state, level in LEVELS[2:]) == ("40001", True)
        idp.rollback()
        idp.execute(CHANGES[change])
        assert sessions(idp) == []


REPLACE = "UPDATE auth.account SET password = 'third', \"passwordFingerprint\" = %s WHERE \"userId\" = 'u2'"


def account(idp: psycopg.Connection) -> tuple[str, str | None]:
    row = idp.execute('SELECT password, "passwordFingerprint" FROM auth.account WHERE "userId" = \'u2\'').fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_password_is_replaced_after_it_was_verified(idp: psycopg.Connection) -> None:
    idp.execute(REPLACE, (FIRST,))
    assert account(idp) == ("third", None)


def test_a_password_is_not_replaced_after_an_older_one_was_verified(idp: psycopg.Connection) -> None:
    idp.execute(CHANGES["password"])
    with pytest.raises(psycopg.Error) as refusal:
        idp.execute(REPLACE, (FIRST,))
    assert refusal.value.sqlstate == "RV001"
    assert account(idp) == ("second", None)


@pytest.mark.parametrize("level", LEVELS)
def test_of_two_replacements_of_one_password_the_later_is_refused(
    idp: psycopg.Connection, other: psycopg.Connection, level: psycopg.IsolationLevel
) -> None:
    idp.autocommit = False
    idp.isolation_level = level
    other.execute(CHANGES["password"])
    replacing = Attempt(idp, REPLACE, FIRST)
    replacing.wait_until_blocked(other)
    other.commit()
    # A stricter level fails as any transaction there does.
    assert replacing.sqlstate() == ("40001" if level in LEVELS[2:] else "RV001")
    idp.rollback()
    assert account(idp) == ("second", None)


class Attempt:
    """A statement in a thread of its own."""

    def __init__(self, connection: psycopg.Connection, statement: str, *values: str) -> None:
        self._error: psycopg.Error | None = None
        self._pid = connection.info.backend_pid

        def run() -> None:
            try:
                connection.execute(statement, values)
            except psycopg.Error as error:
                self._error = error

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def wait_until_blocked(self, by: psycopg.Connection) -> None:
        """Raises AssertionError when it is over without having waited."""
        while by.execute("SELECT pg_blocking_pids(%s)", (self._pid,)).fetchone() == ([],):
            assert self._thread.is_alive(), "did not wait"

    def sqlstate(self) -> str | None:
        """Of the failure; None after a success."""
        self._thread.join(30)
        return self._error.sqlstate if self._error else None
