"""What every transport of the feed delivers, and how it fails."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

from resource_server.revocation.kinds import Revocation

SCHEMA_VERSION: Final = 2
"""Version of the revocation feed in the identity provider's database that this library needs, or a later one.

Version 3 added revocations of tokens, of clients and by the time of issue. Version 2 has none of them.
"""


class FeedError(Exception):
    """The feed can't be read at the moment. ``code`` is stable, for status, log and metrics; the cause is chained.

    Codes: connection_failed, timeout, not_installed, forbidden, refused, malformed,
    unknown_kind (a newer version of this library is needed), failed.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the feed. Expiries are epoch seconds; lists that belong together are equally long.

    ``asked_at``: by the feed's clock, from before the question was sent.
    ``reset``: the full set begins here; what was known before is to be replaced.
    ``complete``: no page follows; all that was committed when this run's first page was asked for is now known.
    ``max_token_life``: for how many seconds a revocation is kept; tokens must not live longer.
    ``expected``: with ``reset``, roughly how many revocations the full set has.
    ``missing_triggers``: triggers and functions that the database lacks or that were altered; None when this page did
    not check. ``schema_version``: of the feed in the database; None when this page does not say.
    ``origins``: the names of the database, see ``resource_server.origin``; empty when this page does not say.
    ``channels``: what to listen to, where notifications can be had; the one in use first.
    ``hint``: from notifications. It counts until the next complete page, which has the same revocations if they are
    true.
    """

    asked_at: float
    cursor: str
    reset: bool
    complete: bool
    max_token_life: int
    expected: int = 0
    missing_triggers: tuple[str, ...] | None = None
    schema_version: int | None = None
    hint: bool = False
    origins: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    sids: list[str] = field(default_factory=list)
    sid_expires: list[int] = field(default_factory=list)
    subs: list[str] = field(default_factory=list)
    sub_min_vers: list[int] = field(default_factory=list)
    sub_expires: list[int] = field(default_factory=list)
    others: list[Revocation] = field(default_factory=list)

    @property
    def has_rows(self) -> bool:
        """Whether it lists any revocation."""
        return bool(self.sids or self.subs or self.others)


class Transport(Protocol):
    """A way to the feed. Used by one task at a time; every failure is a FeedError."""

    @property
    def name(self) -> str:
        """listen, poll, http or nats."""
        ...

    async def open(self) -> None:
        """Connect."""
        ...

    async def fetch(self, cursor: str | None, wait: float, wake: asyncio.Event) -> Page:
        """The page after the cursor. Asking for what follows a complete page acknowledges that this page is in force
        here.

        First waits up to ``wait`` seconds until there may be something new, or ``wake`` is set; clears ``wake``.
        """
        ...

    async def close(self) -> None:
        """Disconnect. Never fails."""
        ...
