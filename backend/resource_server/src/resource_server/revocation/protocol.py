"""What the verification asks of a list of revocations. The first two questions are answered from memory."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from resource_server.verification.principal import Principal


class RevocationList(Protocol):
    """A view of what was revoked, kept up to date by someone else."""

    def is_revoked(self, principal: Principal) -> bool:
        """Whether the caller's token was revoked: by its session, version, id, client or time of issue.

        A token that lacks a claim is not concerned by a revocation that names that claim.
        """
        ...

    def staleness(self) -> float:
        """Seconds since the view was known to be complete, counted from before it was asked for; infinity at first."""
        ...

    async def refresh(self) -> None:
        """Return once the view is complete as of this call or later; callers at the same time share one question.

        Waits for as long as that takes: bound it with a time-out.
        """
        ...


@runtime_checkable
class NotifyingRevocationList(Protocol):
    """A RevocationList may also tell when it has changed; then long-lived connections close within milliseconds.

    Those of a list that does not are checked every second.
    """

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` on the event loop after each change; what is returned ends that. ``changed`` never fails."""
        ...
