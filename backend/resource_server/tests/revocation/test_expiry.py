"""A wall clock that is set forward and back drops no revocation that is still needed."""

from resource_server.revocation import Denylist
from resource_server.revocation.expiry import TOLERANCE, ExpiryClock
from resource_server.revocation.page import Page
from resource_server.testing.clock import FakeClock
from tests.callers import caller

YEAR = 365 * 86_400


def ended(count: int, expires_at: int) -> Page:
    return Page(
        asked_at=0,
        cursor="c",
        reset=True,
        complete=True,
        max_token_life=1,
        sids=[f"s{number}" for number in range(count)],
        sid_expires=[expires_at] * count,
    )


def test_a_jump_forward_and_back_drops_nothing() -> None:
    wall = FakeClock()
    denylist = Denylist(clock=ExpiryClock(wall.time, wall.monotonic))
    denylist.add(ended(20_000, int(wall.now) + 86_400))
    wall.now += YEAR
    for _ in range(50):
        denylist.prune()
    wall.now -= YEAR
    assert denylist.sessions == 20_000
    assert denylist.is_revoked(caller("u1", "s1"))


async def test_entries_that_have_expired_on_the_monotonic_clock_are_dropped() -> None:
    wall = FakeClock()
    denylist = Denylist(clock=ExpiryClock(wall.time, wall.monotonic))
    denylist.add(ended(20_000, int(wall.now) + 86_400))
    await wall.advance(86_400 + TOLERANCE + 1)
    for _ in range(50):
        denylist.prune()
    assert denylist.sessions == 0


def test_a_clock_that_was_ahead_from_the_start_is_noticed_once() -> None:
    wall = FakeClock()
    clock = ExpiryClock(wall.time, wall.monotonic)
    wall.now -= TOLERANCE / 2
    assert not clock.was_set_back()
    wall.now += YEAR
    assert not clock.was_set_back()
    wall.now -= YEAR + TOLERANCE
    assert clock.was_set_back()
    assert not clock.was_set_back()
