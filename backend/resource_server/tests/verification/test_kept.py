"""The claims of a remembered token: how they are read, and that they can't be changed."""

import pickle
from collections.abc import Mapping

import pytest

from resource_server.verification.kept import KeptClaims

CLAIMS: dict[str, object] = {
    "iss": "https://issuer.test",
    "aud": ["https://api.test", "https://other.test"],
    "sub": "user-1",
    "scope": "notes:read",
    "roles": ["user"],
    "act": {"sub": "admin-1"},
}


@pytest.mark.parametrize("claims", [CLAIMS, {}, {"sub": "user-1"}, {"iss": "https://issuer.test"}])
def test_every_claim_is_read_unchanged_and_in_order(claims: dict[str, object]) -> None:
    kept = KeptClaims(claims)
    assert isinstance(kept, Mapping)
    assert list(kept.items()) == list(claims.items())
    assert kept == claims
    assert kept.get("absent") is None
    assert "absent" not in kept
    with pytest.raises(KeyError):
        kept["absent"]


def test_changing_a_returned_list_changes_no_claim() -> None:
    kept = KeptClaims(CLAIMS)
    kept["roles"].append("admin")
    assert kept["roles"] == ["user"]
    assert KeptClaims(dict(CLAIMS))["roles"] == ["user"]


def test_tokens_share_only_equal_values() -> None:
    one, other = KeptClaims(CLAIMS), KeptClaims({**CLAIMS, "sub": "user-2"})
    assert one._shared is other._shared
    assert (one["sub"], other["sub"]) == ("user-1", "user-2")


def test_they_can_be_pickled_with_their_principal() -> None:
    assert pickle.loads(pickle.dumps(KeptClaims(CLAIMS))) == CLAIMS  # noqa: S301  our own
