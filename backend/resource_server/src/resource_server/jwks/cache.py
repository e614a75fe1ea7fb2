"""The issuer's key set, held in memory and refreshed in the background."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resource_server.announced import NOTHING_ANNOUNCED, Announcement
from resource_server.clients import new_client
from resource_server.jwks import snapshot as jwks_snapshot
from resource_server.jwks.discovery import Discovery
from resource_server.jwks.source import FetchFailed, fetch
from resource_server.jwks.unknown_keys import UnknownKeys
from resource_server.metrics import Metrics
from resource_server.settings import ResourceServerSettings
from resource_server.timing import Clock
from resource_server.verification.encoding import decode_json_object
from resource_server.verification.errors import AuthenticationError, KeysUnavailable, TokenInvalid
from resource_server.verification.keys import Keys, KeySet, UnusableKeySet, VerificationKey, choose, parse_key_set
from resource_server.verification.rules import Rule
from resource_server.verification.tokens import Header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

logger = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 300.0
_FRESH_SECONDS_MIN: Final = 30.0
# An issuer that publishes a key this long before signing with it never needs the fetches for unknown keys.
_FRESH_SECONDS_MAX: Final = 600.0
_BACKOFF_MAX: Final = 60.0
_BACKOFF_MAX_WITHOUT_KEYS: Final = 2.0
_MAX_SECONDS_TO_WAIT: Final = 2.0
_MAX_WAITING: Final = 1_024
_CLOCK_TOLERANCE: Final = 300.0

_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class KeySetState:
    """What is held now, for readiness checks and operators.

    ``usable``: tokens can be verified. ``age``: seconds since the issuer confirmed the set, None while none is held.
    ``announced``: what the issuer said about its tokens in its last response.
    """

    usable: bool
    key_ids: tuple[str, ...]
    age: float | None
    skipped: tuple[str, ...]
    last_failure: str | None
    announced: Announcement = NOTHING_ANNOUNCED


def _unknown_key() -> TokenInvalid:
    return TokenInvalid("kid is not in the issuer's key set", Rule.UNKNOWN_KEY)


class JwksCache:
    """Holds the last good key set. No request waits for a refresh while a usable set is held.

    A good set is one that the issuer served with status 200 and that is well formed; one without a usable key withdraws
    those that were held. Any other response counts as an outage: the held set stays in use for ``max_key_set_age``.

    ``keys`` are the keys by ``kid``, good until ``usable_until`` (monotonic seconds). A key that stays in the set stays
    the same object. ``origins`` are the names of the issuer's database.
    """

    def __init__(
        self,
        settings: ResourceServerSettings,
        client: httpx.AsyncClient | None,
        *,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self.keys: Keys = {}
        self._settings = settings
        self._given_client = client
        self._own_client: httpx.AsyncClient | None = None
        self._clock = clock
        self._metrics = metrics
        self._discovery = Discovery(settings, clock)
        self._address: str | None = None
        self._unknown = UnknownKeys()
        self._document: dict[str, Any] | None = None
        self._etag: str | None = None
        self._confirmed_at: float | None = None
        self._max_age = settings.max_key_set_age
        self.usable_until = float("-inf")
        self.origins: tuple[str, ...] = ()
        self._origins_at = float("-inf")
        self._announced = NOTHING_ANNOUNCED
        self._skipped: tuple[str, ...] = ()
        self._failures = 0
        self._last_failure: str | None = None
        self._next_fetch_at = float("-inf")
        self._waiting = 0
        self._running = False
        self._refresher: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._saving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Load the snapshot, if there is one, and start the refresh in the background. Does not wait for the issuer."""
        self._running = True
        self._load()
        self._refresher = asyncio.create_task(self._keep_fresh(), context=Context())

    async def stop(self) -> None:
        """Stop the background tasks; a snapshot that is being written is finished."""
        self._running = False
        tasks = [task for task in (self._refresher, self._fetching) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._saving, return_exceptions=True)
        self._refresher = self._fetching = None
        self._next_fetch_at = float("-inf")
        if self._own_client is not None:
            await self._own_client.aclose()
            self._own_client = None

    def is_usable(self, now: float) -> bool:
        """Whether a key set is held that the issuer confirmed recently enough."""
        return now <= self.usable_until

    def state(self) -> KeySetState:
        """Describe what is held."""
        now = self._clock.monotonic()
        age = None if self._confirmed_at is None else max(0.0, now - self.usable_until + self._max_age)
        problem = self._last_failure
        if problem is None and self._confirmed_at is not None and not self.keys:
            problem = "the issuer publishes no usable key" + "".join(f"; {reason}" for reason in self._skipped[:4])
        usable = bool(self.keys) and self.is_usable(now)
        return KeySetState(usable, tuple(filter(None, self.keys)), age, self._skipped, problem, self._announced)

    def origins_age(self) -> float:
        """Seconds since the request whose response had ``origins``, the names of the issuer's database."""
        return self._clock.monotonic() - self._origins_at

    async def find(self, header: Header, token: bytes) -> VerificationKey:
        """The key for a token whose ``kid`` is not held; may wait for a fetch. ``token`` is its digest.

        Raises TokenInvalid when the issuer has no such key, KeysUnavailable when that can't be told at the moment.
        """
        self._unknown.sight(token, self._clock.monotonic())
        self._refuse_denied(token)
        with self._waiting_room():
            for _ in range(2):  # a fetch that had begun before the token was seen may have missed a new key
                await self._fetch_or_join()
                key = self.held(header)
                if key is not None:
                    return key
                self._refuse_denied(token)
                if self._failures:
                    raise KeysUnavailable(f"a newer key set is not available at the moment: {self._last_failure}")
        raise KeysUnavailable("the issuer has not been asked since the token was first seen")

    def held(self, header: Header) -> VerificationKey | None:
        """The key for a token with this header, if a usable set has it."""
        if self._clock.monotonic() > self.usable_until:
            return None
        return choose(self.keys.get(header.key_id, ()), header.algorithm)

    def _refuse_denied(self, token: bytes) -> None:
        if self.is_usable(self._clock.monotonic()) and self._unknown.is_denied(token):
            raise TokenInvalid("kid is not in the issuer's key set", Rule.UNKNOWN_KEY)

    @contextmanager
    def _waiting_room(self) -> Iterator[None]:
        if self._waiting >= _MAX_WAITING:
            raise KeysUnavailable("too many requests are waiting for the key set")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _fetch_or_join(self) -> None:
        if self._fetching is None:
            now = self._clock.monotonic()
            usable = self.is_usable(now)
            delay = self._unknown.seconds_to_wait(now) if usable else max(0.0, self._next_fetch_at - now)
            if delay > _MAX_SECONDS_TO_WAIT:
                raise KeysUnavailable("kid is not in the key set that is held, and a newer one is not yet due")
            if usable:
                self._unknown.take_turn(now + delay)
            await self._join(delay)
        else:
            await self._join()

    async def _join(self, delay: float = 0.0) -> None:
        if not self._running:
            raise KeysUnavailable("the resource server is not running: enter it with 'async with' in the lifespan")
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch(delay), context=Context())
        # Unlike awaiting the task, this leaves it alone when the request that waits is cancelled.
        await asyncio.wait({self._fetching})

    async def _keep_fresh(self) -> None:
        while True:
            delay = self._next_fetch_at - self._clock.monotonic()
            if delay > 0:
                await self._clock.sleep(min(delay, _FRESH_SECONDS_MAX))
            else:
                await self._join()

    async def _fetch(self, delay: float) -> None:
        try:
            if delay:
                await self._clock.sleep(delay)
            self._unknown.fetch_begins()
            await self._fetch_once(self._clock.monotonic())
        except (FetchFailed, UnusableKeySet, AuthenticationError) as error:
            self._failed(error.outcome if isinstance(error, FetchFailed) else "unusable", str(error))
        except Exception as error:
            logger.exception("unexpected failure of a fetch of the key set")
            self._failed("unexpected", type(error).__name__)
        finally:
            self._fetching = None

    async def _fetch_once(self, started: float) -> None:
        settings = self._settings
        client = self._given_client or self._own_client
        if client is None:
            client = self._own_client = new_client()
        address = await self._discovery.address(client)
        etag = self._etag if self._address in {None, address} else None
        answer = await fetch(client, address, etag, settings.fetch_timeout)
        document = self._document if answer.body is None else decode_json_object(answer.body, "key set")
        if document is None:
            raise UnusableKeySet("not modified, though nothing is held")
        age = self._clock.monotonic() - started
        self._address = address
        self._take(document, parse_key_set(document, settings.policy, self.keys), answer.etag, age)
        self.origins, self._origins_at = answer.origins, started
        self._announced = answer.announced
        self._unknown.fetch_answered()
        self._failures, self._last_failure = 0, None
        fresh = _FRESH_SECONDS if answer.max_age is None else answer.max_age
        fresh = min(max(fresh, _FRESH_SECONDS_MIN), _FRESH_SECONDS_MAX)
        self._next_fetch_at = started + fresh * _random.uniform(0.75, 0.95)
        outcome = "not_modified" if answer.body is None else "fetched"
        self._metrics.fetches.labels(settings.issuer, outcome).inc()
        self._save()

    def _take(self, document: dict[str, Any], key_set: KeySet, etag: str | None, age: float) -> None:
        """Put a set in use that the issuer confirmed ``age`` seconds ago."""
        extra = {"key_ids": list(key_set.keys), "skipped": list(key_set.skipped)}
        if not key_set.keys and (self.keys or self._confirmed_at is None):
            logger.error("the issuer publishes no usable key", extra=extra)
        elif key_set.keys.keys() != self.keys.keys() or key_set.skipped != self._skipped:
            logger.info("key set taken", extra=extra)
        confirmed_at = self._clock.time() - age
        self.keys, self._skipped = key_set.keys, key_set.skipped
        self._document, self._etag, self._confirmed_at = document, etag, confirmed_at
        self.usable_until = self._clock.monotonic() - age + self._max_age
        issuer = self._settings.issuer
        self._metrics.key_set_confirmed.labels(issuer).set(confirmed_at)
        self._metrics.key_set_keys.labels(issuer, "yes").set(len(key_set.keys))
        self._metrics.key_set_keys.labels(issuer, "no").set(len(key_set.skipped))

    def _failed(self, outcome: str, reason: str) -> None:
        now = self._clock.monotonic()
        usable = self.is_usable(now)
        backoff = min(_BACKOFF_MAX if usable else _BACKOFF_MAX_WITHOUT_KEYS, 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._last_failure = reason
        self._discovery.doubt()
        self._next_fetch_at = now + backoff * _random.uniform(0.5, 1.0)
        if usable:
            self._next_fetch_at = min(self._next_fetch_at, self.usable_until)
        self._metrics.fetches.labels(self._settings.issuer, outcome).inc()
        logger.warning("key set not fetched", extra={"outcome": outcome, "reason": reason, "failures": self._failures})
        if not usable:
            # Another process of this service may have fetched it before the issuer became unreachable.
            self._load()

    def _load(self) -> None:
        path = self._settings.key_set_snapshot
        if path is None:
            return
        try:
            snapshot = jwks_snapshot.read(path, self._settings.issuer, self._settings.jwks_url)
            key_set = parse_key_set(snapshot.document, self._settings.policy, self.keys)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            logger.warning("key set snapshot ignored", extra={"reason": str(error)})
            return
        age = self._clock.time() - snapshot.confirmed_at
        if age < -_CLOCK_TOLERANCE:
            logger.warning("key set snapshot ignored", extra={"reason": "it is from the future"})
        elif self._clock.monotonic() - max(0.0, age) + self._max_age > self.usable_until:
            self._take(snapshot.document, key_set, snapshot.etag, max(0.0, age))

    def _save(self) -> None:
        path = self._settings.key_set_snapshot
        if path is None or self._document is None or self._confirmed_at is None:
            return
        snapshot = jwks_snapshot.Snapshot(
            issuer=self._settings.issuer,
            jwks_url=self._settings.jwks_url,
            etag=self._etag,
            confirmed_at=self._confirmed_at,
            document=self._document,
        )
        task = asyncio.create_task(_write(path, snapshot), context=Context())
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)


async def _write(path: Path, snapshot: jwks_snapshot.Snapshot) -> None:
    try:
        await asyncio.to_thread(jwks_snapshot.write, path, snapshot)
    except OSError as error:
        logger.warning("key set snapshot not written", extra={"reason": str(error)})
