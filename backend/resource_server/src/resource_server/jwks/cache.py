"""The issuer's key set, held in memory and kept fresh behind the requests' backs."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resource_server.jwks import snapshot as jwks_snapshot
from resource_server.jwks.source import FetchFailed, fetch, new_client
from resource_server.jwks.unknown_keys import UnknownKeys
from resource_server.metrics import Metrics
from resource_server.settings import ResourceServerSettings
from resource_server.verification.encoding import decode_json_object
from resource_server.verification.errors import AuthenticationError, KeysUnavailable, TokenInvalid
from resource_server.verification.keys import KeySet, UnusableKeySet, VerificationKey, parse_key_set
from resource_server.verification.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    import httpx

logger = logging.getLogger(__name__)

_FRESH_SECONDS = 300.0
_FRESH_SECONDS_MIN = 30.0
_FRESH_SECONDS_MAX = 3_600.0
_BACKOFF_MAX = 60.0
_BACKOFF_MAX_WITHOUT_KEYS = 2.0
_RETRY_GAP = 0.5
_MAX_WAITING = 1_024
_CLOCK_TOLERANCE = 300.0

_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class KeySetState:
    """What is held now, for readiness and for people. ``age`` is in seconds, None while nothing is held."""

    usable: bool
    key_ids: tuple[str, ...]
    age: float | None
    skipped: tuple[str, ...]
    last_failure: str | None


def _unknown_key() -> TokenInvalid:
    return TokenInvalid("kid is not in the issuer's key set", Rule.UNKNOWN_KEY)


class JwksCache:
    """Holds the last good key set. No request waits for a refresh while a usable set is held.

    ``keys`` are the keys by ``kid``, good until ``usable_until`` (epoch seconds). A key that stays in the set stays the
    same object.
    """

    def __init__(
        self,
        settings: ResourceServerSettings,
        client: httpx.AsyncClient | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        metrics: Metrics,
    ) -> None:
        self.keys: Mapping[str, VerificationKey] = {}
        self._settings = settings
        self._client = client
        self._own_client: httpx.AsyncClient | None = None
        self._clock = clock
        self._sleep = sleep
        self._metrics = metrics
        self._unknown = UnknownKeys()
        self._document: dict[str, Any] | None = None
        self._etag: str | None = None
        self._confirmed_at: float | None = None
        self.usable_until = 0.0
        self._skipped: tuple[str, ...] = ()
        self._failures = 0
        self._last_failure: str | None = None
        self._next_fetch_at = 0.0
        self._retry_at = 0.0
        self._waiting = 0
        self._refresher: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._saving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up the snapshot, if there is one, and begin to keep the set fresh. Does not wait for the issuer."""
        self._load()
        self._refresher = asyncio.create_task(self._keep_fresh(), context=Context())

    async def stop(self) -> None:
        """End the background work; a snapshot that is being written is finished."""
        tasks = [task for task in (self._refresher, self._fetching) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._saving, return_exceptions=True)
        if self._own_client is not None:
            await self._own_client.aclose()
            self._client = self._own_client = None

    def is_usable(self, now: float) -> bool:
        """Whether a key set is held that the issuer confirmed recently enough."""
        return now <= self.usable_until

    def state(self) -> KeySetState:
        """Describe what is held."""
        now = self._clock()
        age = None if self._confirmed_at is None else max(0.0, now - self._confirmed_at)
        return KeySetState(self.is_usable(now), tuple(self.keys), age, self._skipped, self._last_failure)

    async def find(self, key_id: str) -> VerificationKey:
        """The key with this id, for a token whose key is not held; may wait for a fetch.

        Raises TokenInvalid when the issuer has no such key, KeysUnavailable when that can't be told at the moment.
        """
        if self.is_usable(self._clock()) and self._unknown.is_disproved(key_id, self._clock()):
            raise _unknown_key()
        with self._waiting_room():
            if not self.is_usable(self._clock()):
                await self._obtain()
            return self.keys.get(key_id) or await self._find_new(key_id)

    @contextmanager
    def _waiting_room(self) -> Iterator[None]:
        if self._waiting >= _MAX_WAITING:
            raise KeysUnavailable("too many requests are waiting for the key set")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _obtain(self) -> None:
        await self._join(max(0.0, min(self._retry_at - self._clock(), _RETRY_GAP)))
        if not self.is_usable(self._clock()):
            raise KeysUnavailable(f"no usable key set is held: {self._last_failure}")

    async def _find_new(self, key_id: str) -> VerificationKey:
        may_fetch = self._unknown.sighted(key_id, self._clock())
        for _ in range(2):  # a fetch that was under way at first sight may have missed a new key
            if self._fetching is None and not may_fetch:
                if self._unknown.is_answered_lately(self._clock()):
                    raise _unknown_key()
                break
            await self._join()
            key = self.keys.get(key_id)
            if key is not None:
                return key
            if self._unknown.is_disproved(key_id, self._clock()):
                raise _unknown_key()
            if self._failures:
                break
        raise KeysUnavailable("kid is not in the key set that is held, and a newer one can't be had at the moment")

    async def _join(self, delay: float = 0.0) -> None:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch(delay), context=Context())
        # Unlike awaiting the task, this leaves it alone when the request that waits is cancelled.
        await asyncio.wait({self._fetching})

    async def _keep_fresh(self) -> None:
        while True:
            delay = self._next_fetch_at - self._clock()
            if delay > 0:
                await self._sleep(min(delay, _FRESH_SECONDS_MAX))
            else:
                await self._join()

    async def _fetch(self, delay: float) -> None:
        try:
            if delay:
                await self._sleep(delay)
            started = self._clock()
            self._unknown.fetch_begins(started)
            await self._fetch_once(started)
        except (FetchFailed, UnusableKeySet, AuthenticationError) as error:
            self._failed(error.outcome if isinstance(error, FetchFailed) else "unusable", str(error))
        except Exception as error:
            logger.exception("unexpected failure of a fetch of the key set")
            self._failed("unexpected", type(error).__name__)
        finally:
            self._fetching = None

    async def _fetch_once(self, started: float) -> None:
        settings = self._settings
        if self._client is None:
            self._client = self._own_client = new_client()
        answer = await fetch(self._client, settings.jwks_url, self._etag, settings.fetch_timeout)
        document = self._document if answer.body is None else decode_json_object(answer.body, "key set")
        if document is None:
            raise UnusableKeySet("not modified, though nothing is held")
        self._take(document, parse_key_set(document, settings.policy, self.keys), answer.etag, started)
        self._unknown.fetch_answered()
        self._failures, self._last_failure = 0, None
        fresh = _FRESH_SECONDS if answer.max_age is None else answer.max_age
        fresh = min(max(fresh, _FRESH_SECONDS_MIN), _FRESH_SECONDS_MAX)
        self._next_fetch_at = started + fresh * _random.uniform(0.75, 0.95)
        outcome = "not_modified" if answer.body is None else "fetched"
        self._metrics.fetches.labels(settings.issuer, outcome).inc()
        self._save()

    def _take(self, document: dict[str, Any], key_set: KeySet, etag: str | None, confirmed_at: float) -> None:
        if key_set.keys.keys() != self.keys.keys() or key_set.skipped != self._skipped:
            logger.info("key set taken", extra={"key_ids": list(key_set.keys), "skipped": list(key_set.skipped)})
        self.keys, self._skipped = key_set.keys, key_set.skipped
        self._document, self._etag, self._confirmed_at = document, etag, confirmed_at
        self.usable_until = confirmed_at + self._settings.max_key_set_age
        issuer = self._settings.issuer
        self._metrics.key_set_confirmed.labels(issuer).set(confirmed_at)
        self._metrics.key_set_keys.labels(issuer, "yes").set(len(key_set.keys))
        self._metrics.key_set_keys.labels(issuer, "no").set(len(key_set.skipped))

    def _failed(self, outcome: str, reason: str) -> None:
        now = self._clock()
        longest = _BACKOFF_MAX if self.is_usable(now) else _BACKOFF_MAX_WITHOUT_KEYS
        backoff = min(longest, 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._last_failure = reason
        self._retry_at = now + _RETRY_GAP
        self._next_fetch_at = now + backoff * _random.uniform(0.5, 1.0)
        self._metrics.fetches.labels(self._settings.issuer, outcome).inc()
        logger.warning("key set not fetched", extra={"outcome": outcome, "reason": reason, "failures": self._failures})
        if not self.is_usable(now):
            # Another process of this service may have had its answer before the issuer went away.
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
        if snapshot.confirmed_at > self._clock() + _CLOCK_TOLERANCE:
            logger.warning("key set snapshot ignored", extra={"reason": "it is from the future"})
            return
        self._take(snapshot.document, key_set, snapshot.etag, snapshot.confirmed_at)

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
