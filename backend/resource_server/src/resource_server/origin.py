"""Whether the keys and the revocations come from one database.

An identity provider may name its database by a few random values that are renewed each minute, the newest first: in the
header ``Revocation-Origin`` of its key set and of its feed, and in the table that the feed is read from. Nothing is
compared unless both sides have a name.
"""

import re
from collections.abc import Mapping
from typing import Final

HEADER: Final = "revocation-origin"
_MOST: Final = 16
_NAME: Final = re.compile(r"[0-9A-Za-z_-]{16,64}")
_COMPARABLE: Final = 60.0


def origins_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The names in a response's headers; none where they are malformed."""
    names = [name.strip() for name in headers.get(HEADER, "").split(",", _MOST)]
    if len(names) > _MOST or not all(_NAME.fullmatch(name) for name in names):
        return ()
    return tuple(names)


class OriginComparison:
    """Compares the two names while both are recent, and remembers the outcome for when one is not available."""

    def __init__(self) -> None:
        self._same: bool | None = None

    def same(
        self, of_keys: tuple[str, ...], keys_age: float, of_revocations: tuple[str, ...], staleness: float
    ) -> bool | None:
        """None when not known. Ages in seconds; what is older than a minute is not compared."""
        if of_keys and of_revocations and max(keys_age, staleness) <= _COMPARABLE:
            # Either may have been asked for before the last renewal.
            self._same = of_keys[0] in of_revocations or of_revocations[0] in of_keys
        return self._same
