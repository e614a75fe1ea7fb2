"""What a revocation may name besides a session and a version."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from resource_server.revocation.table import ExpiringTable
from resource_server.verification.principal import Principal

_EPOCH: Final = 1 << 30
"""Moments are held in 31 bits, as seconds since 2004; that is enough until 2072."""
_LAST: Final = (1 << 31) - 1


class Kind(StrEnum):
    """By the claim that is named."""

    JWT_ID = "jti"
    CLIENT = "client_id"
    SUBJECT = "sub"
    ISSUER = "iss"


class Revocation(NamedTuple):
    """One revocation. Moments are in epoch seconds.

    ``before``: of a subject or an issuer, tokens issued before this moment. ``effective_at``: of a token, when it
    begins to be revoked; 0 is at once.
    """

    kind: Kind
    name: str
    expires_at: int
    before: int = 0
    effective_at: int = 0


class OtherRevocations:
    """Revoked tokens and clients, and the moments before which tokens of a subject or an issuer are revoked.

    ``wall``: epoch seconds, for tokens that are revoked from a moment on.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._tables: dict[Kind, ExpiringTable] = {}

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def add(self, revocations: list[Revocation], now: float) -> None:
        """Take them in. What is held already does no harm."""
        for kind in {revocation.kind for revocation in revocations}:
            chosen = [revocation for revocation in revocations if revocation.kind is kind]
            names = [revocation.name for revocation in chosen]
            expiries = [revocation.expires_at for revocation in chosen]
            self._tables.setdefault(kind, ExpiringTable()).put(names, list(map(_value, chosen)), expiries, now)

    def prune(self, now: float) -> None:
        """Go on dropping what has expired."""
        for table in self._tables.values():
            table.prune(now)

    def is_revoked(self, principal: Principal) -> bool:
        """Whether one of them concerns the caller's token at the moment."""
        get = self._get
        return bool(
            (principal.token_id is not None and self._is_token_revoked(principal.token_id))
            or (principal.client_id is not None and get(Kind.CLIENT, principal.client_id))
            or principal.issued_at - _EPOCH < get(Kind.SUBJECT, principal.subject)
            or principal.issued_at - _EPOCH < get(Kind.ISSUER, principal.issuer)
        )

    def _is_token_revoked(self, token_id: str) -> bool:
        value = self._get(Kind.JWT_ID, token_id)
        return value == _LAST or (value > 0 and self._wall() >= _LAST - value + _EPOCH)

    def _get(self, kind: Kind, name: str) -> int:
        table = self._tables.get(kind)
        # Without an entry: less than every moment.
        return (table.get(name) if table is not None else 0) or (-_EPOCH if kind in _MOMENTS else 0)


_MOMENTS: Final = frozenset({Kind.SUBJECT, Kind.ISSUER})


def _value(revocation: Revocation) -> int:
    """The greatest counts: of moments of issue the latest, of moments from which a token is revoked the earliest."""
    if revocation.kind in _MOMENTS:
        return min(max(revocation.before - _EPOCH, 1), _LAST)
    return min(max(_LAST - max(revocation.effective_at - _EPOCH, 0), 1), _LAST)
