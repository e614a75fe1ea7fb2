"""What a revocation may name besides a session and a version. Such revocations are few."""

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
    """One revocation. ``before``: of a subject or an issuer, tokens issued before this moment (epoch seconds)."""

    kind: Kind
    name: str
    expires_at: int
    before: int = 0


class OtherRevocations:
    """Revoked tokens and clients, and the moments before which tokens of a subject or an issuer are revoked."""

    def __init__(self) -> None:
        self._tables: dict[Kind, ExpiringTable] = {}

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def add(self, revocations: list[Revocation], now: float) -> None:
        """Take them in. What is held already does no harm."""
        for kind in {revocation.kind for revocation in revocations}:
            chosen = [revocation for revocation in revocations if revocation.kind is kind]
            values = [min(max(revocation.before - _EPOCH, 1), _LAST) for revocation in chosen]
            names = [revocation.name for revocation in chosen]
            expiries = [revocation.expires_at for revocation in chosen]
            self._tables.setdefault(kind, ExpiringTable()).put(names, values, expiries, now)

    def prune(self, now: float) -> None:
        """Go on dropping what has expired."""
        for table in self._tables.values():
            table.prune(now)

    def is_revoked(self, principal: Principal) -> bool:
        """Whether one of them concerns the caller's token."""
        get = self._get
        return bool(
            (principal.token_id is not None and get(Kind.JWT_ID, principal.token_id))
            or (principal.client_id is not None and get(Kind.CLIENT, principal.client_id))
            or principal.issued_at - _EPOCH < get(Kind.SUBJECT, principal.subject)
            or principal.issued_at - _EPOCH < get(Kind.ISSUER, principal.issuer)
        )

    def _get(self, kind: Kind, name: str) -> int:
        table = self._tables.get(kind)
        # Without an entry: less than every moment.
        return (table.get(name) if table is not None else 0) or (-_EPOCH if kind in _MOMENTS else 0)


_MOMENTS: Final = frozenset({Kind.SUBJECT, Kind.ISSUER})
