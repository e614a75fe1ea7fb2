"""The table behind the denylist: every entry is found, and expired entries are dropped."""

from hypothesis import given
from hypothesis import strategies as st

from resource_server.revocation.table import MIN_SLOTS, ExpiringTable

NOW = 1_800_000_000
LATER = NOW + 3_600

entries = st.lists(st.tuples(st.text(max_size=3), st.integers(1, 2**31 - 1), st.integers(NOW, 2**32 - 1)))


def names(prefix: str, number: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(number)]


def fill(table: ExpiringTable, identifiers: list[str], expiry: int, now: int = NOW) -> None:
    for start in range(0, len(identifiers), 1_000):
        page = identifiers[start : start + 1_000]
        table.put(page, [1] * len(page), [expiry] * len(page), now)


@given(pages=st.lists(entries, max_size=5))
def test_keeps_the_greatest_number(pages: list[list[tuple[str, int, int]]]) -> None:
    table = ExpiringTable()
    expected: dict[str, int] = {}
    for page in pages:
        table.put([e[0] for e in page], [e[1] for e in page], [e[2] for e in page], NOW)
        for identifier, value, _ in page:
            expected[identifier] = max(value, expected.get(identifier, 0))
    assert {identifier: table.get(identifier) for identifier in expected} == expected
    assert len(table) == len(expected)
    assert table.get("never put in") == 0


def test_finds_everything_at_every_stage_of_growth() -> None:
    table = ExpiringTable()
    present = names("s", 5 * MIN_SLOTS)
    for start in range(0, len(present), 500):
        fill(table, present[start : start + 500], LATER)
        assert all(table.get(name) for name in present[: start + 500])
    assert not any(table.get(name) for name in names("other", 1_000))


def test_the_expected_number_fits_without_a_rebuild() -> None:
    table = ExpiringTable(expected=20_000)
    fill(table, names("s", 20_000), LATER)
    assert len(table) == 20_000


def test_drops_what_has_expired_and_keeps_the_rest() -> None:
    table = ExpiringTable()
    fill(table, names("short", 20_000), LATER)
    fill(table, names("long", 5_000), LATER + 86_400)
    for _ in range(20):
        table.prune(LATER + 1)
    assert len(table) == 5_000
    assert all(table.get(name) for name in names("long", 5_000))
    assert not any(table.get(name) for name in names("short", 20_000))


def test_a_later_expiry_of_the_same_entry_counts() -> None:
    table = ExpiringTable()
    table.put(["s", "s"], [1, 1], [LATER + 86_400, LATER], NOW)
    fill(table, names("filler", 20_000), LATER)
    for _ in range(20):
        table.prune(LATER + 1)
    assert table.get("s") == 1
    assert len(table) == 1


def test_a_steady_stream_does_not_grow_the_table_indefinitely() -> None:
    table = ExpiringTable()
    for day in range(60):
        now = NOW + day * 86_400
        fill(table, names(f"day{day}.", 1_000), now + 3 * 86_400, now)
        table.prune(now)
        table.prune(now)
    assert len(table) < 3 * MIN_SLOTS


def test_a_grown_table_takes_no_more_memory_than_one_made_for_the_same_number() -> None:
    grown, made = ExpiringTable(), ExpiringTable(expected=125_000)
    fill(grown, names("s", 125_000), LATER)
    grown.prune(NOW)
    fill(made, names("s", 125_000), LATER)
    assert grown.octets == made.octets <= 34 * 125_000
