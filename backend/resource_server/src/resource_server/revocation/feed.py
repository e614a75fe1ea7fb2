"""Keeps the revocations in memory complete, over any transport, and knows how old the view is."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from resource_server.revocation.denylist import Denylist
from resource_server.revocation.expiry import ExpiryClock
from resource_server.revocation.hints import Hints
from resource_server.revocation.page import FeedError, Page, Transport
from resource_server.timing import boot_time
from resource_server.verification.principal import Principal

NEVER: Final = float("-inf")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """For readiness and metrics.

    ``transport``: listen (pushed), poll (a pooled connection can't listen), http or nats.
    ``staleness``: seconds since the view was known complete; infinity before the first load.
    ``error``: the code of the current failure, or None. ``missing_triggers``: None when not known.
    ``max_token_life``: seconds; tokens with a longer life are accepted again after their revocation has expired.
    ``reloads``: how often the full set was loaded. ``schema_version``: of the feed in the database, or None.
    ``origins``: the names of the database, see ``resource_server.origin``.
    ``remedy``: how to end the failure, where that is known, such as the statement that grants a missing privilege.
    ``others``: how many revocations name neither a session nor a version.
    """

    transport: str
    staleness: float
    sessions: int
    users: int
    error: str | None
    missing_triggers: tuple[str, ...] | None
    max_token_life: int | None
    reloads: int
    schema_version: int | None = None
    origins: tuple[str, ...] = ()
    remedy: str | None = None
    others: int = 0


class RevocationFeed:
    """A RevocationList that follows a transport in a background task, until ``stop``.

    ``heartbeat``: the most seconds between two checks that the view is complete, while nothing happens.
    ``backoff``: the longest pause, in seconds, between two attempts to connect.
    ``clock``: measures staleness, in seconds; the transport must use the same.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        heartbeat: float = 5.0,
        backoff: float = 5.0,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        self._transport = transport
        self._heartbeat = heartbeat
        self._backoff = backoff
        self._clock = clock
        self._expiry_clock = ExpiryClock(monotonic=clock)
        self._denylist = Denylist(clock=self._expiry_clock)
        self._subscriptions: list[tuple[Callable[[], None]]] = []
        self._hints = Hints()
        self._loading: Denylist | None = None
        self._cursor: str | None = None
        self._run_asked_at: float | None = None
        self._complete_at = self._due_at = NEVER
        self._pruned_at = NEVER
        self._settled = False
        self._announced = False
        self._failures = 0
        self._error: str | None = None
        self._remedy: str | None = None
        self._missing_triggers: tuple[str, ...] | None = None
        self._max_token_life: int | None = None
        self._schema_version: int | None = None
        self._origins: tuple[str, ...] = ()
        self._reloads = 0
        self._wake = asyncio.Event()
        self._completed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._starts = 0
        self._starting = asyncio.Lock()

    def is_revoked(self, principal: Principal) -> bool:
        """From memory; as complete as ``staleness`` says."""
        return self._denylist.is_revoked(principal) or (bool(self._hints) and self._hints.is_revoked(principal))

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See NotifyingRevocationList."""
        subscription = (changed,)
        self._subscriptions.append(subscription)
        return lambda: self._subscriptions.remove(subscription)

    def staleness(self) -> float:
        """Seconds since the view was known complete, counted from before the query that showed it."""
        return self._clock() - self._complete_at

    def status(self) -> FeedStatus:
        return FeedStatus(
            transport=self._transport.name,
            staleness=self.staleness(),
            sessions=self._denylist.sessions,
            users=self._denylist.users,
            error=self._error,
            missing_triggers=self._missing_triggers,
            max_token_life=self._max_token_life,
            reloads=self._reloads,
            schema_version=self._schema_version,
            origins=self._origins,
            remedy=self._remedy if self._error is not None else None,
            others=self._denylist.others,
        )

    def remedy(self, code: str) -> str | None:
        """How to end a failure with this code, in a sentence for the operator; None when that is not known."""
        if code == "unknown_kind":
            return "some revocations are of a kind that this version does not know: install a newer one of this library"
        return None

    async def refresh(self) -> None:
        """Return once the view is complete as of this call or later. Callers bound it with a time-out."""
        called_at = self._clock()
        while self._complete_at < called_at:
            self._wake.set()
            await self._completed.wait()

    async def start(self) -> None:
        """Begin to follow. Does not wait for the first load: until then ``staleness`` is infinite.

        It may be started several times; it follows once, until it was stopped as often.
        """
        async with self._starting:
            if self._starts == 0:
                await self._ended()
            if self._task is None or self._task.done():
                # An event belongs to the loop in which it was first awaited.
                self._wake, completed, self._completed = asyncio.Event(), self._completed, asyncio.Event()
                completed.set()
                self._task = asyncio.create_task(self._follow(), name="revocation feed")
            self._starts += 1

    async def stop(self) -> None:
        """Undo one start; after the last, return when the transport is closed."""
        async with self._starting:
            self._starts = max(0, self._starts - 1)
            if self._starts == 0 and self._task is not None:
                self._task.cancel()
                await self._ended()

    async def _ended(self) -> None:
        """Wait for the former task, of a stop that was perhaps cancelled: two must not use the transport."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])
        self._task = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _follow(self) -> None:
        while True:
            try:
                await self._transport.open()
                self._settled = self._announced = False
                logger.info(
                    "revocation feed connected (%s)", self._transport.name, extra={"transport": self._transport.name}
                )
                while True:
                    await self._next_page()
            except FeedError as error:
                self._failed(error.code, error.__cause__)
            except Exception as error:
                self._failed("failed", error)
            finally:
                await self._transport.close()
            await asyncio.sleep(self._pause())

    def _failed(self, code: str, cause: BaseException | None) -> None:
        self._error = code
        self._remedy = self.remedy(code)
        self._failures += 1
        if self._run_asked_at is not None:
            # The run continues where it was interrupted; the age of its first page is no longer known.
            self._run_asked_at = NEVER
        logger.warning(
            "revocation feed failed: %s (%s), failure %d in a row%s",
            code,
            type(cause).__name__,
            self._failures,
            f"; {self._remedy}" if self._remedy else "",
            extra={
                "code": code,
                "cause": type(cause).__name__,
                "failures": self._failures,
                "remedy": self._remedy,
            },
        )

    def _pause(self) -> float:
        # The first attempt after a lost connection is immediate, with jitter, so that processes do not reconnect
        # together.
        return random.SystemRandom().uniform(0.5, 1) * min(self._backoff, 0.05 * 2.0 ** min(self._failures - 1, 16))

    async def _next_page(self) -> None:
        wait = max(0.0, self._due_at - self._clock()) if self._settled else 0.0
        if self._expiry_clock.was_set_back():
            # Revocations that were dropped while it was ahead may not have expired.
            self._cursor, wait = None, 0.0
        page = await self._transport.fetch(self._cursor, wait, self._wake)
        if page.hint:
            self._hints.add(page)
            self._settled = False
            self._tell()
            await asyncio.sleep(0)
            return
        if page.reset:
            self._loading = Denylist(page.expected, self._expiry_clock)
            self._run_asked_at = page.asked_at
        elif self._run_asked_at is None:
            self._run_asked_at = page.asked_at
        self._settled = False
        (self._loading or self._denylist).add(page)
        if self._loading is None and page.has_rows:
            self._tell()
        self._cursor = page.cursor
        self._max_token_life = page.max_token_life
        if page.missing_triggers is not None:
            self._missing_triggers = page.missing_triggers
        if page.origins:
            self._origins = page.origins
        if page.schema_version is not None:
            self._schema_version = page.schema_version
        if page.complete:
            # Before the next question, which says that it is.
            self._put_in_force()
        if page.complete and self._announced:
            self._settle(self._run_asked_at)
        elif page.complete:
            # From its next query on, the issuer waits for this process, and so for what the answer to that query lacks.
            self._announced = True
            self._run_asked_at = None
        await asyncio.sleep(0)

    def _refuse_at_once(self, page: Page) -> None:
        """Put in force what the transport has heard and will deliver in a page later."""
        self._denylist.add(page)
        self._tell()

    def _put_in_force(self) -> None:
        self._hints.clear()
        if self._loading is not None:
            self._denylist, self._loading = self._loading, None
            self._reloads += 1
            self._tell()
            held = {"sessions": self._denylist.sessions, "users": self._denylist.users}
            logger.info("revocations loaded: %(sessions)d sessions, %(users)d users", held, extra=held)

    def _tell(self) -> None:
        for (changed,) in tuple(self._subscriptions):
            changed()

    def _settle(self, asked_at: float) -> None:
        if self._clock() - self._pruned_at >= self._heartbeat:
            self._denylist.prune()
            self._pruned_at = self._clock()
        if asked_at > self._complete_at:
            self._complete_at = asked_at
            # Earlier than needed by a random part, so that processes which started together do not ask together.
            self._due_at = asked_at + random.SystemRandom().uniform(0.5, 1) * self._heartbeat
        self._settled = asked_at > NEVER
        self._run_asked_at = None
        self._failures = 0
        self._error = None
        self._completed.set()
        self._completed = asyncio.Event()
