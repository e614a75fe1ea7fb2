"""The callers of verified tokens, by digest: no token stays in memory."""

from collections import deque

from resource_server.verification.keys import VerificationKey
from resource_server.verification.principal import Principal


def may_recall(cls: type, *methods: str) -> bool:
    """Whether ``recall`` of a class makes the checks of its ``methods``: none of them was overridden later."""
    last = next(each for each in cls.__mro__ if any(name in vars(each) for name in ("recall", *methods)))
    return "recall" in vars(last)


class RememberedCallers:
    """Holds at most ``size`` callers, each with the key that verified its token; the oldest is removed first.

    A plain dictionary for each key takes half of the memory that a cache of (caller, key) pairs would.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._tables: list[tuple[VerificationKey, dict[bytes, Principal]]] = []
        self._order: deque[bytes] = deque()

    def __len__(self) -> int:
        return sum(len(callers) for _, callers in self._tables)

    def find(self, digest: bytes) -> tuple[Principal, VerificationKey] | None:
        """The caller, and the key that must still be in the key set."""
        for key, callers in self._tables:
            principal = callers.get(digest)
            if principal is not None:
                return principal, key
        return None

    def add(self, digest: bytes, principal: Principal, key: VerificationKey) -> None:
        """Add a caller, and replace the one that was held for this digest."""
        self.forget(digest)
        while len(self._order) >= self._size:
            self.forget(self._order.popleft())
        self._order.append(digest)
        self._under(key)[digest] = principal

    def forget(self, digest: bytes) -> None:
        """Remove a caller, if there is one."""
        for _, callers in self._tables:
            callers.pop(digest, None)

    def _under(self, key: VerificationKey) -> dict[bytes, Principal]:
        for held, callers in self._tables:
            if held is key:
                return callers
        self._tables = [(held, callers) for held, callers in self._tables if callers]
        self._tables.append((key, {}))
        return self._tables[-1][1]
