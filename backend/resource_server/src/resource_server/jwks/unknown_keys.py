"""When an unknown ``kid`` is worth a fetch of the key set.

Made-up key ids can't be told from a new key's. A first sight is paid from a small allowance; a second sight of the
same id, which the next token of a new key is, is served at most every two seconds. A flood of random ids so costs a
handful of fetches a minute, and a really new key gets in within two seconds all the same.
"""

from dataclasses import dataclass

from cachetools import LRUCache

_REMEMBERED = 65_536
_ALLOWANCE = 4.0
_ALLOWANCE_PER_SECOND = 1 / 30
_SECOND_SIGHT_SECONDS = 2.0
_EVIDENCE_SECONDS = 60.0
_LONGEST_DISBELIEF = 300.0


@dataclass(slots=True)
class _Sight:
    fetches_begun: int
    disproved_at: float | None = None
    times_disproved: int = 0


def _is_within(seconds: float, moment: float | None, now: float) -> bool:
    return moment is not None and 0 <= now - moment < seconds


class UnknownKeys:
    """Remembers the unknown key ids that were seen, and bounds the fetches that they cause. No I/O."""

    def __init__(self) -> None:
        self._sights: LRUCache[str, _Sight] = LRUCache(_REMEMBERED)
        self._allowance = _ALLOWANCE
        self._refilled_at: float | None = None
        self._begun_at: float | None = None
        self._answered_from: float | None = None
        self._begun = 0
        self._answered = 0

    def fetch_begins(self, now: float) -> None:
        """A fetch of the key set starts, for whatever reason."""
        self._begun += 1
        self._begun_at = now

    def fetch_answered(self) -> None:
        """The fetch that began last brought a key set."""
        self._answered = self._begun
        self._answered_from = self._begun_at

    def is_disproved(self, key_id: str, now: float) -> bool:
        """Whether a key set that was fetched after the first sight lacks the id; believed for a growing while."""
        sight = self._sights.get(key_id)
        if sight is None or self._answered <= sight.fetches_begun:
            return False
        if sight.disproved_at is None:
            sight.disproved_at = now
            sight.times_disproved += 1
        disbelief = min(_SECOND_SIGHT_SECONDS * 2 ** (sight.times_disproved - 1), _LONGEST_DISBELIEF)
        if 0 <= now - sight.disproved_at < disbelief:
            return True
        sight.fetches_begun, sight.disproved_at = self._begun, None
        return False

    def sighted(self, key_id: str, now: float) -> bool:
        """Note that the id was asked for. Whether a fetch may be started for it now."""
        if key_id in self._sights:
            return not _is_within(_SECOND_SIGHT_SECONDS, self._begun_at, now)
        self._sights[key_id] = _Sight(self._begun)
        return self._take(now)

    def is_answered_lately(self, now: float) -> bool:
        """Whether the key set that is held is recent evidence enough, where no fetch may be started, against an id."""
        return _is_within(_EVIDENCE_SECONDS, self._answered_from, now)

    def _take(self, now: float) -> bool:
        elapsed = 0.0 if self._refilled_at is None else max(0.0, now - self._refilled_at)
        self._refilled_at = now
        self._allowance = min(_ALLOWANCE, self._allowance + elapsed * _ALLOWANCE_PER_SECOND)
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True
