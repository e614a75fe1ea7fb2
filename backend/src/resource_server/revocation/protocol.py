"""What the verification asks of a list of revocations. Both questions are answered from memory."""

from typing import Protocol


class RevocationList(Protocol):
    """A view of the revoked sessions and token versions, kept up to date by someone else."""

    def is_revoked(self, subject: str, session_id: str | None, version: int | None) -> bool:
        """Whether the session is ended, or the version is below the lowest that is alive for the subject."""
        ...

    def staleness(self) -> float:
        """Seconds since the view was known to be complete: 0 while it is live, infinity before it was loaded."""
        ...
