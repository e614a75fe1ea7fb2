"""Revocations from notifications that the database has not confirmed yet: they count until it has answered.

A notification is a hint: anybody who knows the channel's name could send one. So a hint lasts no longer than one query.
"""

from resource_server.revocation.kinds import OtherRevocations
from resource_server.revocation.page import Page
from resource_server.verification.principal import Principal


class Hints:
    """Ended sessions, the lowest accepted versions of users, and other revocations, from notifications. Usually
    empty."""

    def __init__(self) -> None:
        self._sessions: set[str] = set()
        self._versions: dict[str, int] = {}
        self._others: OtherRevocations | None = None

    def __bool__(self) -> bool:
        return bool(self._sessions or self._versions or self._others)

    def add(self, page: Page) -> None:
        """Add a page of hints."""
        self._sessions.update(page.sids)
        for subject, version in zip(page.subs, page.sub_min_vers, strict=True):
            self._versions[subject] = max(version, self._versions.get(subject, 0))
        if page.others:
            self._others = self._others or OtherRevocations()
            self._others.add(page.others, 0)

    def clear(self) -> None:
        """Drop all hints: the database has answered, and its answer has those that are true."""
        self._sessions.clear()
        self._versions.clear()
        self._others = None

    def is_revoked(self, principal: Principal) -> bool:
        """Whether a hint concerns the caller's token."""
        version = principal.token_version
        return (
            principal.session_id in self._sessions
            or (version is not None and version < self._versions.get(principal.subject, 0))
            or (self._others is not None and self._others.is_revoked(principal))
        )
