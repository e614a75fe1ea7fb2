"""A compact map from identifiers to small numbers, each with an expiry: 16 bytes a slot, at most half of them taken.

It keeps a 64-bit fingerprint (Python's keyed string hash) in place of the identifier. With a million entries, an
identifier that was never added is taken for another with a probability of 5e-14; so an entry must mean a refusal. An
identifier that was added is always found.
"""

import mmap
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

EXPIRY: Final = (1 << 32) - 1
MIN_SLOTS: Final = 1 << 12
ROOM: Final = 3
"""A rebuilt table has this many slots for each live entry, so that at least a sixth of them can be filled before the
next rebuild."""
MOVES_PER_ENTRY: Final = 2 * ROOM
"""So that a rebuild has finished by then."""
MOVES_AT_PRUNE: Final = 10_000


class _Slots:
    """Open addressing with linear probing. A slot is a fingerprint, 0 when free, and value << 32 | expiry."""

    __slots__ = ("contents", "fingerprints", "mask", "size", "taken")

    def __init__(self, size: int) -> None:
        # Separate arrays: a look-up that finds nothing, as nearly all do, reads only fingerprints.
        self.fingerprints = _zeroes(size)
        self.contents = _zeroes(size)
        self.size = size
        self.mask = size - 1
        self.taken = 0

    def put(self, entries: Iterable[tuple[int, int]]) -> None:
        fingerprints, contents, mask, taken = self.fingerprints, self.contents, self.mask, self.taken
        for fingerprint, content in entries:
            slot = fingerprint & mask
            while (found := fingerprints[slot]) and found != fingerprint:
                slot = (slot + 1) & mask
            if not found:
                fingerprints[slot] = fingerprint
                contents[slot] = content
                taken += 1
            else:
                known = contents[slot]
                value, expiry = max(content >> 32, known >> 32), max(content & EXPIRY, known & EXPIRY)
                contents[slot] = value << 32 | expiry
        self.taken = taken

    def get(self, fingerprint: int) -> int:
        fingerprints, mask = self.fingerprints, self.mask
        slot = fingerprint & mask
        while found := fingerprints[slot]:
            if found == fingerprint:
                return self.contents[slot] >> 32
            slot = (slot + 1) & mask
        return 0

    def alive(self, now: float) -> int:
        """Roughly how many have not expired, by a sample."""
        step = max(1, self.size // MIN_SLOTS)
        sample = [content & EXPIRY > now for content in self.contents[::step] if content]
        return self.taken * sum(sample) // len(sample) if sample else self.taken

    def unexpired(self, now: float) -> Iterator[tuple[int, int] | None]:
        """One item a slot: the entry, or None where there is none to keep."""
        for fingerprint, content in zip(self.fingerprints, self.contents, strict=True):
            yield (fingerprint, content) if content & EXPIRY > now else None


def _zeroes(count: int) -> "memoryview[int]":
    # The kernel zeroes a page on first access: creating a big table does not block, and all of it is freed at once.
    memory = mmap.mmap(-1, count * 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return memoryview(memory).cast("q")


class ExpiringTable:
    """Maps identifiers to the greatest number added for each. Grows, shrinks and drops expired entries, a little at a
    time.

    A rebuild is spread over the following calls, so that none of them blocks the event loop for long.
    ``expected``: roughly how many entries will be added at first.
    """

    def __init__(self, expected: int = 0) -> None:
        self.used = False
        """Whether anything was ever added; if not, a look-up is not needed."""
        self._slots = _Slots(_power_of_two(2 * expected))
        self._outgoing: _Slots | None = None
        self._moving: Iterator[tuple[int, int] | None] = iter(())

    def __len__(self) -> int:
        """How many entries are held. During a rebuild, moved entries count twice."""
        return self._slots.taken + (self._outgoing.taken if self._outgoing else 0)

    def put(self, identifiers: list[str], values: list[int], expiries: list[int], now: float) -> None:
        """Add entries: positive numbers of 31 bits, and expiries in epoch seconds of 32 bits."""
        self.used = self.used or bool(identifiers)
        self._move(MOVES_PER_ENTRY * len(identifiers))
        slots = self._slots
        if 2 * (slots.taken + len(identifiers)) > slots.size:
            self._rebuild(max(slots.size, ROOM * (slots.alive(now) + len(identifiers))), now)
        contents = [value << 32 | expiry for value, expiry in zip(values, expiries, strict=True)]
        fingerprints = list(map(hash, identifiers))
        if 0 in fingerprints:
            fingerprints = [fingerprint or 1 for fingerprint in fingerprints]
        self._slots.put(zip(fingerprints, contents, strict=True))

    def get(self, identifier: str) -> int:
        """The greatest number added for the identifier, else 0."""
        fingerprint = hash(identifier) or 1
        value = self._slots.get(fingerprint)
        return value if self._outgoing is None else max(value, self._outgoing.get(fingerprint))

    @property
    def octets(self) -> int:
        """How much memory the slots may take; pages that were never used are not in memory yet."""
        return 16 * (self._slots.size + (self._outgoing.size if self._outgoing else 0))

    def prune(self, now: float) -> None:
        """Continue to drop expired entries, a little at each call."""
        slots = self._slots
        if self._outgoing is None and slots.size > MIN_SLOTS:
            alive = slots.alive(now)
            if 2 * alive < slots.taken:
                self._rebuild(max(slots.size // 2, ROOM * alive), now)
        self._move(MOVES_AT_PRUNE)

    def _rebuild(self, size: int, now: float) -> None:
        while self._outgoing is not None:
            self._move(MOVES_AT_PRUNE)
        self._outgoing = self._slots
        self._moving = self._outgoing.unexpired(now)
        self._slots = _Slots(_power_of_two(size))

    def _move(self, slots: int) -> None:
        if self._outgoing is None:
            return
        batch = list(islice(self._moving, slots))
        self._slots.put(entry for entry in batch if entry)
        if len(batch) < slots:
            self._outgoing = None
            self._moving = iter(())


def _power_of_two(size: int) -> int:
    return 1 << (max(size, MIN_SLOTS) - 1).bit_length()
