"""The revocations in memory: asked by every request, without I/O."""

import time
from collections.abc import Callable

from resource_server.revocation.page import Page
from resource_server.revocation.table import ExpiringTable


class Denylist:
    """Ended sessions, and the lowest version alive of each user whose rights changed.

    ``expected``: roughly how many sessions there will be. ``clock`` gives epoch seconds.
    """

    def __init__(self, expected: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._sessions = ExpiringTable(expected)
        self._versions = ExpiringTable()

    @property
    def sessions(self) -> int:
        """How many ended sessions are held."""
        return len(self._sessions)

    @property
    def users(self) -> int:
        """How many users with a lowest version are held."""
        return len(self._versions)

    def add(self, page: Page) -> None:
        """Take in a page. What is held already does no harm."""
        now = self._clock()
        self._sessions.put(page.sids, [1] * len(page.sids), page.sid_expires, now)
        self._versions.put(page.subs, page.sub_min_vers, page.sub_expires, now)

    def prune(self) -> None:
        """Give back the memory of expired revocations, a little at each call."""
        now = self._clock()
        self._sessions.prune(now)
        self._versions.prune(now)

    def is_revoked(self, subject: str, session_id: str | None, version: int | None) -> bool:
        """Whether the session has ended, or the version is below the lowest alive. No version counts as 0."""
        if session_id is not None and self._sessions.get(session_id):
            return True
        return (version or 0) < self._versions.get(subject)
