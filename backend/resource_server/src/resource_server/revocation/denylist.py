"""The revocations in memory. Every request looks them up, without I/O."""

import time
from collections.abc import Callable
from typing import Final

from resource_server.revocation.expiry import ExpiryClock
from resource_server.revocation.kinds import OtherRevocations
from resource_server.revocation.page import Page
from resource_server.revocation.table import ExpiringTable
from resource_server.verification.principal import Principal

COMPACT: Final = (1 << 31) - 1
"""The highest version that the compact table can hold. Versions are seconds since 2026 or rise by one, so that higher
ones do not occur before 2094."""


class Denylist:
    """Ended sessions, the lowest accepted version of each user whose rights changed, and the other kinds of
    revocations.

    ``expected``: roughly how many sessions there will be. ``clock``: epoch seconds, by which expired ones are dropped.
    ``wall``: epoch seconds, by which a token that is revoked from a given time on becomes revoked.
    """

    def __init__(
        self, expected: int = 0, clock: Callable[[], float] | None = None, wall: Callable[[], float] = time.time
    ) -> None:
        self._clock = ExpiryClock() if clock is None else clock
        self._wall = wall
        self._sessions = ExpiringTable(expected)
        self._versions = ExpiringTable()
        self._high_versions: dict[str, tuple[int, int]] = {}
        self._others: OtherRevocations | None = None

    @property
    def sessions(self) -> int:
        """How many ended sessions are held."""
        return len(self._sessions)

    @property
    def users(self) -> int:
        """How many users with a lowest version are held."""
        return len(self._versions)

    @property
    def others(self) -> int:
        """How many revocations of other kinds are held."""
        return len(self._others or ())

    def add(self, page: Page) -> None:
        """Add a page. Revocations that are held already do not matter."""
        now = self._clock()
        self._sessions.put(page.sids, [1] * len(page.sids), page.sid_expires, now)
        if max(page.sub_min_vers, default=0) > COMPACT:
            self._add_high_versions(page)
        versions = [min(version, COMPACT) for version in page.sub_min_vers]
        self._versions.put(page.subs, versions, page.sub_expires, now)

        if page.others:
            self._others = self._others or OtherRevocations(self._wall)
            self._others.add(page.others, now)

    def _add_high_versions(self, page: Page) -> None:
        for subject, version, expiry in zip(page.subs, page.sub_min_vers, page.sub_expires, strict=True):
            if version > COMPACT:
                known = self._high_versions.get(subject, (0, 0))
                self._high_versions[subject] = (max(version, known[0]), max(expiry, known[1]))

    def prune(self) -> None:
        """Free the memory of expired revocations, a little at each call."""
        now = self._clock()
        self._sessions.prune(now)
        self._versions.prune(now)
        if self._others is not None:
            self._others.prune(now)
        for subject in [subject for subject, (_, expiry) in self._high_versions.items() if expiry <= now]:
            del self._high_versions[subject]

    def is_revoked(self, principal: Principal) -> bool:
        """See RevocationList."""
        session_id, version = principal.session_id, principal.token_version
        if self._sessions.used and session_id is not None and self._sessions.get(session_id):
            return True
        if self._versions.used and version is not None:
            lowest = self._versions.get(principal.subject)
            if lowest == COMPACT and principal.subject in self._high_versions:
                lowest = self._high_versions[principal.subject][0]
            if version < lowest:
                return True
        return self._others is not None and self._others.is_revoked(principal)
