"""The interface of a list of revocations. ``is_revoked`` and ``staleness`` are answered from memory."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from resource_server.verification.principal import Principal


class RevocationList(Protocol):
    """A view of what was revoked, which something else keeps up to date."""

    def is_revoked(self, principal: Principal) -> bool:
        """Whether the caller's token was revoked: by its session, version, id, client or time of issue.

        A revocation that names a claim does not apply to a token without that claim.
        """
        ...

    def staleness(self) -> float:
        """Seconds since the view was known to be complete, counted from before it was asked for; infinity at first."""
        ...

    async def refresh(self) -> None:
        """Return once the view is complete as of this call or later; concurrent callers share one query. Waits as long
        as that takes: bound it with a time-out.
        """
        ...


@runtime_checkable
class NotifyingRevocationList(Protocol):
    """A RevocationList that also announces changes, so that long-lived connections close within milliseconds. With any
    other list they are checked every second.
    """

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` on the event loop after each change, until the returned function is called. ``changed``
        never fails."""
        ...
