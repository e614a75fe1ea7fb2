"""The machine whose clock is wrong is named: it is the one that differs from the majority."""

import pytest

from resource_server.doctor.clocks import examine_clocks


@pytest.mark.parametrize(
    ("offsets", "words"),
    [
        ({"the API": 120.0, "the database": 0.4}, ["Clock of the API: it is 120 s ahead of the others"]),
        ({"the API": 0.3, "the identity provider": -90.0, "the database": 1.0},
         ["Clock of the identity provider: it is 90 s behind the others"]),
        ({"the API": 60.0, "the identity provider": 60.0, "the database": 61.0},
         ["Clock of this machine: it is 60 s behind the others"]),
        ({"the API": 60.0}, ["Clocks: those of this machine, the API differ by 60 s; synchronise them (NTP)"]),
        ({"the API": 3.0, "the identity provider": -1.0}, ["Clocks agree"]),
    ],
)  # fmt: skip
def test_the_clock_that_is_off_is_named(offsets: dict[str, float], words: list[str]) -> None:
    assert [str(finding).partition("; synchronise it")[0] for finding in examine_clocks(offsets)] == words


def test_a_single_clock_gives_no_finding() -> None:
    assert examine_clocks({}) == []
