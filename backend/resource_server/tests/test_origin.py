"""The names of the issuer's database are compared while they are recent, and nothing that is malformed counts."""

import pytest

from resource_server.origin import OriginComparison, origins_in

A, B, C, D = (letter * 32 for letter in "abcd")


@pytest.mark.parametrize(
    ("of_keys", "of_revocations", "same"),
    [
        ((A, B), (A, B), True),
        ((B, C), (A, B), True),  # the keys were asked for before the last renewal
        ((A, B), (B, C), True),  # the revocations were
        ((A, C), (B, C), False),  # a copy, after both were renewed
        ((A, B), (C, D), False),
        ((), (A, B), None),
        ((A, B), (), None),
    ],
)
def test_names_of_one_database_share_the_newest_of_one_side(
    of_keys: tuple[str, ...], of_revocations: tuple[str, ...], same: bool | None
) -> None:
    assert OriginComparison().same(of_keys, 0, of_revocations, 0) is same


@pytest.mark.parametrize(("keys_age", "staleness"), [(61, 0), (0, 61), (float("inf"), 0), (0, float("inf"))])
def test_an_outage_of_either_side_does_not_change_the_outcome(keys_age: float, staleness: float) -> None:
    origins = OriginComparison()
    assert origins.same((A,), keys_age, (B,), staleness) is None
    assert origins.same((A,), 0, (A,), 0) is True
    assert origins.same((A,), keys_age, (B,), staleness) is True
    assert origins.same((A,), 60, (B,), 60) is False
    assert origins.same((A,), keys_age, (A,), staleness) is False


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (f"{A}, {B}", (A, B)),
        (A, (A,)),
        ("", ()),
        ("short", ()),
        (f"{A},", ()),
        (f"{A}, <script>aaaaaaaaaaaaaaa", ()),
        ("a" * 65, ()),
        (", ".join([A] * 17), ()),
        (f"{A}, caf\xe9" + "e" * 16, ()),
    ],
)
def test_malformed_names_are_ignored(sent: str, read: tuple[str, ...]) -> None:
    assert origins_in({"revocation-origin": sent}) == read
    assert origins_in({}) == ()
