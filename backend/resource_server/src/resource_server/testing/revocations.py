"""Revocations that a test makes, in place of a feed."""


class FakeRevocations:
    """A RevocationList. ``age``: seconds since it was known to be complete, for tests of staleness."""

    def __init__(self) -> None:
        self.age = 0.0
        self._sessions: set[str] = set()
        self._versions: dict[str, int] = {}

    def end_session(self, session_id: str) -> None:
        """Refuse the tokens of a session from now on."""
        self._sessions.add(session_id)

    def raise_version(self, subject: str, version: int) -> None:
        """Refuse the subject's tokens below this version from now on."""
        self._versions[subject] = version

    def is_revoked(self, subject: str, session_id: str | None, version: int | None) -> bool:
        """See RevocationList."""
        return session_id in self._sessions or (version or 0) < self._versions.get(subject, 0)

    def staleness(self) -> float:
        """See RevocationList."""
        return self.age

    async def refresh(self) -> None:
        """See RevocationList."""
        self.age = 0.0
