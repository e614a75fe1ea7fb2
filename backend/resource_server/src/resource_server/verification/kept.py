"""The claims of a remembered token, in a third of the memory that a dictionary takes."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

# Many tokens share the values of these claims.
_COMMON: Final = frozenset({"iss", "aud", "scope", "roles"})


class _Names(NamedTuple):
    """Readers of the claims of some names, and where each is found: a negative position is among the common ones."""

    common: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    own: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    positions: dict[str, int]


class _Shared(NamedTuple):
    positions: dict[str, int]
    values: tuple[object, ...]


def _reader(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda claims: tuple(claims[name] for name in names)


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...]) -> _Names:
    common = tuple(name for name in names if name in _COMMON)
    own = tuple(name for name in names if name not in _COMMON)
    positions = {name: -1 - common.index(name) if name in _COMMON else own.index(name) for name in names}
    return _Names(_reader(common), _reader(own), positions)


@lru_cache(maxsize=1024)
def _shared(names: tuple[str, ...], values: tuple[object, ...]) -> _Shared:
    return _Shared(_names(names).positions, values)


class KeptClaims(Mapping[str, Any]):
    """A read-only mapping of claims. Tokens share the names, and the values that they have in common."""

    __slots__ = ("_own", "_shared")

    def __init__(self, claims: Mapping[str, Any]) -> None:
        names = tuple(claims)
        common, own, _ = _names(names)
        # JSON has no tuples: a tuple here stands for a list, and readers get a copy of it.
        kept = tuple([tuple(value) if type(value) is list else value for value in common(claims)])
        self._shared = _shared(names, kept)
        self._own = own(claims)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  whatever JSON holds
        positions, common = self._shared
        position = positions[name]
        value = self._own[position] if position >= 0 else common[-1 - position]
        return list(value) if type(value) is tuple else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._shared.positions)

    def __len__(self) -> int:
        return len(self._shared.positions)

    def __repr__(self) -> str:
        return f"KeptClaims({dict(self)!r})"
