"""What the verification asks of a list of revocations. The first two questions are answered from memory."""

from typing import Protocol


class RevocationList(Protocol):
    """A view of the revoked sessions and token versions, kept up to date by someone else."""

    def is_revoked(self, subject: str, session_id: str | None, version: int | None) -> bool:
        """Whether the session is ended, or the version is below the lowest that is alive for the subject."""
        ...

    def staleness(self) -> float:
        """Seconds since the view was known to be complete, counted from before it was asked for; infinity at first."""
        ...

    async def refresh(self) -> None:
        """Return once the view is complete as of this call or later; callers at the same time share one question.

        Waits for as long as that takes: bound it with a time-out.
        """
        ...
