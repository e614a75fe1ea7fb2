"""A compact map from identifiers to small numbers, each with an expiry: 16 bytes a slot, at most half of them taken.

It keeps a 64-bit fingerprint (Python's keyed string hash) in place of the identifier. An identifier that was never put
in is taken for another with a probability of 5e-14 at a million entries, so a mix-up must refuse, never admit. What was
put in is never missed.
"""

import mmap
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Literal

DAY: Final = 86_400
MIN_SLOTS: Final = 1 << 12
MOVES_PER_ENTRY: Final = 4
MOVES_AT_PRUNE: Final = 10_000


def _zeroed(slots: int, item_size: int, code: Literal["q", "i", "I"]) -> "memoryview[int]":
    # The kernel zeroes a page when it is first touched: making a big table does not pause, and freeing it is whole.
    return memoryview(mmap.mmap(-1, slots * item_size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)).cast(code)


class _Slots:
    """Open addressing with linear probing. Fingerprint 0 marks a free slot. Entry: (fingerprint, value, expiry)."""

    __slots__ = ("days", "expiries", "fingerprints", "mask", "size", "taken", "values")

    def __init__(self, size: int) -> None:
        self.size = size
        self.mask = size - 1
        self.fingerprints = _zeroed(size, 8, "q")
        self.values = _zeroed(size, 4, "i")
        self.expiries = _zeroed(size, 4, "I")
        self.taken = 0
        self.days: Counter[int] = Counter()

    def put(self, entries: Iterable[tuple[int, int, int]]) -> None:
        fingerprints, values, expiries, mask, days = self.fingerprints, self.values, self.expiries, self.mask, self.days
        taken = self.taken
        for fingerprint, value, expiry in entries:
            slot = fingerprint & mask
            while (found := fingerprints[slot]) and found != fingerprint:
                slot = (slot + 1) & mask
            if not found:
                fingerprints[slot] = fingerprint
                values[slot] = value
                expiries[slot] = expiry
                days[expiry // DAY] += 1
                taken += 1
            else:
                values[slot] = max(value, values[slot])
                expiries[slot] = max(expiry, expiries[slot])
        self.taken = taken

    def get(self, fingerprint: int) -> int:
        fingerprints, mask = self.fingerprints, self.mask
        slot = fingerprint & mask
        while found := fingerprints[slot]:
            if found == fingerprint:
                return self.values[slot]
            slot = (slot + 1) & mask
        return 0

    def alive(self, now: float) -> int:
        """How many have not expired, to the day."""
        today = int(now // DAY)
        return sum(count for day, count in self.days.items() if day >= today)

    def unexpired(self, now: float) -> Iterator[tuple[int, int, int] | None]:
        """One item a slot: the entry, or None where there is none to keep."""
        for fingerprint, value, expiry in zip(self.fingerprints, self.values, self.expiries, strict=True):
            yield (fingerprint, value, expiry) if fingerprint and expiry > now else None


class ExpiringTable:
    """Maps identifiers to the greatest number put in for each. Grows, shrinks and drops what has expired, bit by bit.

    A rebuild is spread over the calls that follow it, so that none of them pauses its event loop for long.
    """

    def __init__(self) -> None:
        self._slots = _Slots(MIN_SLOTS)
        self._old: _Slots | None = None
        self._moving: Iterator[tuple[int, int, int] | None] = iter(())

    def __len__(self) -> int:
        """How many entries are held. While a rebuild lasts, those that were moved count twice."""
        return self._slots.taken + (self._old.taken if self._old else 0)

    def put(self, identifiers: list[str], values: list[int], expiries: list[int], now: float) -> None:
        """Add entries: positive numbers, and expiries in epoch seconds."""
        self._move(MOVES_PER_ENTRY * len(identifiers))
        if 2 * (self._slots.taken + len(identifiers)) > self._slots.size:
            self._rebuild(max(self._slots.size, 4 * (self._slots.alive(now) + len(identifiers))), now)
        fingerprints = (hash(identifier) or 1 for identifier in identifiers)
        self._slots.put(zip(fingerprints, values, expiries, strict=True))

    def get(self, identifier: str) -> int:
        """The greatest number put in for the identifier, else 0."""
        fingerprint = hash(identifier) or 1
        value = self._slots.get(fingerprint)
        return value if self._old is None else max(value, self._old.get(fingerprint))

    def prune(self, now: float) -> None:
        """Go on dropping what has expired: a little at each call."""
        alive = self._slots.alive(now)
        if self._old is None and self._slots.size > MIN_SLOTS and 2 * alive < self._slots.taken:
            self._rebuild(max(self._slots.size // 2, 4 * alive), now)
        self._move(MOVES_AT_PRUNE)

    def _rebuild(self, size: int, now: float) -> None:
        while self._old is not None:
            self._move(MOVES_AT_PRUNE)
        self._old, self._slots = self._slots, _Slots(1 << (size - 1).bit_length())
        self._moving = self._old.unexpired(now)

    def _move(self, slots: int) -> None:
        if self._old is None:
            return
        batch = list(islice(self._moving, slots))
        self._slots.put(entry for entry in batch if entry)
        if len(batch) < slots:
            self._old = None
