"""The kinds of revocations besides sessions and versions."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from resource_server.revocation.table import ExpiringTable
from resource_server.verification.principal import Principal

_EPOCH: Final = 1 << 30
"""Times are held in 31 bits, as seconds since 2004; that is enough until 2072."""
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
        # A kind that was never revoked costs a look-up nothing.
        self._tokens: ExpiringTable | None = None
        self._clients: ExpiringTable | None = None
        self._subjects: ExpiringTable | None = None
        self._issuers: ExpiringTable | None = None

    def __len__(self) -> int:
        return sum(map(len, self._tables()))

    def add(self, revocations: list[Revocation], now: float) -> None:
        """Add them. Revocations that are held already do not matter."""
        self._tokens = _put(self._tokens, Kind.JWT_ID, revocations, now)
        self._clients = _put(self._clients, Kind.CLIENT, revocations, now)
        self._subjects = _put(self._subjects, Kind.SUBJECT, revocations, now)
        self._issuers = _put(self._issuers, Kind.ISSUER, revocations, now)

    def prune(self, now: float) -> None:
        """Continue to drop expired entries."""
        for table in self._tables():
            table.prune(now)

    def is_revoked(self, principal: Principal) -> bool:
        """Whether one of them applies to the caller's token now."""
        table, name = self._tokens, principal.token_id
        if table is not None and name is not None:
            value = table.get(name)
            if value == _LAST or (value and self._wall() >= _LAST - value + _EPOCH):
                return True
        table, name = self._clients, principal.client_id
        if table is not None and name is not None and table.get(name):
            return True
        for table, name in ((self._subjects, principal.subject), (self._issuers, principal.issuer)):
            if table is not None:
                before = table.get(name)
                if before and principal.issued_at - _EPOCH < before:
                    return True
        return False

    def _tables(self) -> list[ExpiringTable]:
        return [table for table in (self._tokens, self._clients, self._subjects, self._issuers) if table is not None]


def _put(table: ExpiringTable | None, kind: Kind, revocations: list[Revocation], now: float) -> ExpiringTable | None:
    chosen = [revocation for revocation in revocations if revocation.kind is kind]
    if not chosen:
        return table
    table = ExpiringTable() if table is None else table
    value = _moment_of_issue if kind in {Kind.SUBJECT, Kind.ISSUER} else _moment_of_effect
    names, expiries = [item.name for item in chosen], [item.expires_at for item in chosen]
    table.put(names, [value(item) for item in chosen], expiries, now)
    return table


def _moment_of_issue(revocation: Revocation) -> int:
    """Of several, the latest counts: the table keeps the greatest."""
    return min(max(revocation.before - _EPOCH, 1), _LAST)


def _moment_of_effect(revocation: Revocation) -> int:
    """Of several, the earliest counts, so that it is the greatest."""
    return min(max(_LAST - max(revocation.effective_at - _EPOCH, 0), 1), _LAST)
