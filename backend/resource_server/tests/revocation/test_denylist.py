"""Which tokens the revocations in memory refuse."""

import pytest

from resource_server.revocation import Denylist
from resource_server.revocation.page import Page
from tests.callers import caller

EXPIRY = 4_000_000_000


@pytest.fixture
def denylist() -> Denylist:
    denylist = Denylist()
    denylist.add(
        Page(
            asked_at=0,
            cursor="c",
            reset=True,
            complete=True,
            max_token_life=1,
            sids=["ended"],
            sid_expires=[EXPIRY],
            subs=["changed", "gone", "changed"],
            sub_min_vers=[3, 2**31 - 1, 2],
            sub_expires=[EXPIRY] * 3,
        )
    )
    return denylist


@pytest.mark.parametrize(
    ("subject", "session_id", "version"),
    [
        ("anyone", "ended", 9),
        ("changed", "alive", 2),
        ("changed", None, 0),
        ("gone", "alive", 2**31 - 2),
    ],
)
def test_revoked(denylist: Denylist, subject: str, session_id: str | None, version: int | None) -> None:
    assert denylist.is_revoked(caller(subject, session_id, version))


@pytest.mark.parametrize(
    ("subject", "session_id", "version"),
    [
        ("anyone", "alive", 0),
        ("anyone", None, None),
        ("changed", "alive", None),
        ("changed", "alive", 3),
        ("changed", "alive", 4),
        ("ended", "changed", 0),
    ],
)
def test_alive(denylist: Denylist, subject: str, session_id: str | None, version: int | None) -> None:
    assert not denylist.is_revoked(caller(subject, session_id, version))


def test_counts_what_it_holds(denylist: Denylist) -> None:
    assert (denylist.sessions, denylist.users) == (1, 2)
