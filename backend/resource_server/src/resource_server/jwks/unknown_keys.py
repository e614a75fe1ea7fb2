"""When an unknown ``kid`` causes a fetch of the key set, and when it makes a token invalid. No I/O.

An unknown ``kid`` may be that of a new key. So it causes a fetch, whatever the ``kid``: eight at once, and one
every five seconds in the long run, which is at most 20 in any minute. A token is invalid for it only when the issuer
has answered a fetch that began after this very token was first seen, and did not list the key. What was seen is
remembered by token, not by ``kid``: nobody can block a ``kid`` that will be published.
"""

from typing import Final

from cachetools import TTLCache

FETCHES_AT_ONCE: Final = 8
SECONDS_PER_FETCH: Final = 5.0
_REMEMBERED_TOKENS: Final = 16_384
_REMEMBERED_SECONDS: Final = 60.0


class UnknownKeys:
    """Bounds the fetches, and remembers which tokens were seen before which fetch. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._now = 0.0
        self._seen: TTLCache[bytes, int] = TTLCache(_REMEMBERED_TOKENS, _REMEMBERED_SECONDS, lambda: self._now)
        self._begun = 0
        self._answered = 0
        self._paid_until = float("-inf")

    def fetch_begins(self) -> None:
        """Note that a fetch of the key set begins, for any reason."""
        self._begun += 1

    def fetch_answered(self) -> None:
        """The issuer answered the fetch that began last."""
        self._answered = self._begun

    def sight(self, token: bytes, now: float) -> None:
        """Note that a token with an unknown ``kid`` was presented; ``token`` is its digest."""
        self._now = now
        if token not in self._seen:
            self._seen[token] = self._begun

    def is_denied(self, token: bytes) -> bool:
        """Whether the issuer has answered a fetch that began after the token was first seen."""
        return self._answered > self._seen.get(token, self._begun)

    def seconds_to_wait(self, now: float) -> float:
        """How long the next fetch has to wait; 0 when it may begin at once."""
        return max(0.0, self._paid_until - (FETCHES_AT_ONCE - 1) * SECONDS_PER_FETCH - now)

    def take_turn(self, now: float) -> None:
        """A fetch will begin at ``now`` because of an unknown ``kid``."""
        self._paid_until = max(self._paid_until, now) + SECONDS_PER_FETCH
