"""A compact map from identifiers to small numbers, each with an expiry: 16 bytes a slot, at most half of them taken.

It keeps a 64-bit fingerprint (Python's keyed string hash) in place of the identifier. An identifier that was never put
in is taken for another with a probability of 5e-14 at a million entries, so a mix-up must refuse, never admit. What was
put in is never missed.
"""

import mmap
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

EXPIRY: Final = (1 << 32) - 1
MIN_SLOTS: Final = 1 << 12
MOVES_PER_ENTRY: Final = 4
MOVES_AT_PRUNE: Final = 10_000


class _Slots:
    """Open addressing with linear probing: fingerprint and value << 32 | expiry side by side; fingerprint 0 is free."""

    __slots__ = ("cells", "mask", "size", "taken")

    def __init__(self, size: int) -> None:
        # The kernel zeroes a page when it is first touched: making a big table does not pause, and freeing it is whole.
        memory = mmap.mmap(-1, size * 16, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.cells = memoryview(memory).cast("q")
        self.size = size
        self.mask = 2 * size - 2
        self.taken = 0

    def put(self, entries: Iterable[tuple[int, int]]) -> None:
        cells, mask, taken = self.cells, self.mask, self.taken
        for fingerprint, content in entries:
            cell = fingerprint & mask
            while (found := cells[cell]) and found != fingerprint:
                cell = (cell + 2) & mask
            if not found:
                cells[cell] = fingerprint
                cells[cell + 1] = content
                taken += 1
            else:
                known = cells[cell + 1]
                value, expiry = max(content >> 32, known >> 32), max(content & EXPIRY, known & EXPIRY)
                cells[cell + 1] = value << 32 | expiry
        self.taken = taken

    def alive(self, now: float) -> int:
        """Roughly how many have not expired, by a sample."""
        step = 2 * max(1, self.size // MIN_SLOTS)
        sample = [content & EXPIRY > now for content in self.cells[1::step] if content]
        return self.taken * sum(sample) // len(sample) if sample else self.taken

    def unexpired(self, now: float) -> Iterator[tuple[int, int] | None]:
        """One item a slot: the entry, or None where there is none to keep."""
        for fingerprint, content in zip(self.cells[::2], self.cells[1::2], strict=True):
            yield (fingerprint, content) if content & EXPIRY > now else None


class ExpiringTable:
    """Maps identifiers to the greatest number put in for each. Grows, shrinks and drops what has expired, bit by bit.

    A rebuild is spread over the calls that follow it, so that none of them pauses its event loop for long.
    ``expected``: roughly how many entries will be put in at first.
    """

    def __init__(self, expected: int = 0) -> None:
        self._tables: tuple[_Slots, ...] = (_Slots(_power_of_two(2 * expected)),)
        self._moving: Iterator[tuple[int, int] | None] = iter(())

    def __len__(self) -> int:
        """How many entries are held. While a rebuild lasts, those that were moved count twice."""
        return sum(slots.taken for slots in self._tables)

    def put(self, identifiers: list[str], values: list[int], expiries: list[int], now: float) -> None:
        """Add entries: positive numbers of 31 bits, and expiries in epoch seconds of 32 bits."""
        self._move(MOVES_PER_ENTRY * len(identifiers))
        slots = self._tables[0]
        if 2 * (slots.taken + len(identifiers)) > slots.size:
            self._rebuild(max(slots.size, 4 * (slots.alive(now) + len(identifiers))), now)
        contents = [value << 32 | expiry for value, expiry in zip(values, expiries, strict=True)]
        fingerprints = list(map(hash, identifiers))
        if 0 in fingerprints:
            fingerprints = [fingerprint or 1 for fingerprint in fingerprints]
        self._tables[0].put(zip(fingerprints, contents, strict=True))

    def get(self, identifier: str) -> int:
        """The greatest number put in for the identifier, else 0."""
        fingerprint = hash(identifier) or 1
        value = 0
        for slots in self._tables:
            cells, mask = slots.cells, slots.mask
            cell = fingerprint & mask
            while found := cells[cell]:
                if found == fingerprint:
                    value = max(value, cells[cell + 1] >> 32)
                    break
                cell = (cell + 2) & mask
        return value

    def prune(self, now: float) -> None:
        """Go on dropping what has expired: a little at each call."""
        slots = self._tables[0]
        if len(self._tables) == 1 and slots.size > MIN_SLOTS:
            alive = slots.alive(now)
            if 2 * alive < slots.taken:
                self._rebuild(max(slots.size // 2, 4 * alive), now)
        self._move(MOVES_AT_PRUNE)

    def _rebuild(self, size: int, now: float) -> None:
        while len(self._tables) > 1:
            self._move(MOVES_AT_PRUNE)
        old = self._tables[0]
        self._tables = (_Slots(_power_of_two(size)), old)
        self._moving = old.unexpired(now)

    def _move(self, slots: int) -> None:
        if len(self._tables) == 1:
            return
        batch = list(islice(self._moving, slots))
        self._tables[0].put(entry for entry in batch if entry)
        if len(batch) < slots:
            self._tables = self._tables[:1]
            self._moving = iter(())


def _power_of_two(size: int) -> int:
    return 1 << (max(size, MIN_SLOTS) - 1).bit_length()
