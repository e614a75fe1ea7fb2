"""The resource server: keys, revocations and remembered tokens. Built once, in the lifespan."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, Self

from cachetools import LRUCache

from resource_server.advice import Advice
from resource_server.jwks.cache import JwksCache, KeySetState
from resource_server.metrics import Metrics
from resource_server.origin import OriginComparison
from resource_server.remembered import RememberedCallers, may_recall
from resource_server.revocation.protocol import NotifyingRevocationList, RevocationList
from resource_server.settings import ResourceServerSettings
from resource_server.timing import Clock, SystemClock
from resource_server.turns import Turns
from resource_server.verification import tokens
from resource_server.verification.errors import (
    AuthenticationError,
    RevocationStale,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
)
from resource_server.verification.keys import VerificationKey
from resource_server.verification.principal import Principal
from resource_server.verification.rules import Rule
from resource_server.watching import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType

    import httpx

# A token that breaks one of these may be accepted later, so the refusal is not remembered.
_PASSING: Final = frozenset({Rule.NOT_BEFORE, Rule.ISSUED_AT})


# Octets that are kept of a token's digest: 192 bits take as much memory as 128 would.
_DIGEST_OCTETS: Final = 24
# Seconds that a route which accepts no stale view waits until the view is complete.
_REFRESH_TIMEOUT: Final = 1.0
# The bound in seconds for connections that were opened on such a route.
_OPEN_CONNECTION_STALENESS: Final = 60.0


class _Refused(NamedTuple):
    error: type[TokenInvalid]
    reason: str
    rule: Rule | None
    key: VerificationKey


class ResourceServer:
    """Authenticates access tokens of one issuer for one audience.

    An async context manager: entering starts the background refresh of the keys and never waits for the issuer.
    ``revocations`` answers from memory; with it, tokens must carry ``sid`` and ``ver``, unless the issuer's profile
    says that it has no versions, or ``accept_stock_tokens`` is set. ``principal`` may be a subclass with claims of
    your own. ``clock`` is for tests. It can be entered again after it was left.
    """

    _recalls: ClassVar[bool] = True

    def __init__(
        self,
        settings: ResourceServerSettings,
        *,
        revocations: RevocationList | None = None,
        client: httpx.AsyncClient | None = None,
        principal: type[Principal] = Principal,
        metrics: Metrics | None = None,
        clock: Clock | None = None,
    ) -> None:
        if revocations is not None and settings.profile.version is not None and not settings.accept_stock_tokens:
            settings = replace(settings, required_claims=frozenset(settings.required_claims) | {"sid", "ver"})
        self.settings = settings
        self._policy = settings.policy
        self._leeway = settings.policy.leeway
        self._revocations = revocations
        self._staleness_bound = settings.max_revocation_staleness
        self._principal = principal
        clock = SystemClock() if clock is None else clock
        self._time, self._monotonic = clock.time, clock.monotonic
        self._metrics = Metrics() if metrics is None else metrics
        self._key_set = JwksCache(settings, client, clock=clock, metrics=self._metrics)
        self._origins = OriginComparison()
        self._headers = tokens.KnownHeaders()
        self._turns = Turns()
        self._watch = Watch(clock, self._refusal)
        self._unsubscribe: Callable[[], None] | None = None
        self._advice = Advice(self._monotonic)
        self._remembered = RememberedCallers(settings.token_cache_size)
        self._refused: LRUCache[bytes, _Refused] = LRUCache(settings.refusal_cache_size)
        self.has_accepted = False
        """Whether any token was accepted since this object was made: then the settings fit some tokens at least."""
        self.longest_life = 0
        """Seconds from ``iat`` to ``exp`` of the token with the longest life that was accepted."""
        self._recalled = self._metrics.tally(settings.issuer)
        self._count_hit = self._metrics.verifications.labels(settings.issuer, "accepted", "hit").inc
        self._count_miss = self._metrics.verifications.labels(settings.issuer, "accepted", "miss").inc
        self._observe = self._metrics.verification_seconds.labels(settings.issuer).observe

    def __init_subclass__(cls) -> None:
        # A subclass that overrides ``authenticate`` may check more, and must be called.
        cls._recalls = may_recall(cls, "authenticate")

    async def __aenter__(self) -> Self:
        self._turns = Turns()
        await self._key_set.start()
        revocations: object = self._revocations
        if isinstance(revocations, NotifyingRevocationList):
            self._unsubscribe = revocations.subscribe(self._watch.changed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._key_set.stop()
        self._recalled.settle()

    @property
    def issuers(self) -> frozenset[str]:
        """Whose tokens are accepted."""
        return frozenset({self.settings.issuer})

    def key_set(self) -> KeySetState:
        """The keys that are held, for readiness checks and operators."""
        return self._key_set.state()

    @property
    def revocations(self) -> RevocationList | None:
        """The revocations; None where no token can be revoked."""
        return self._revocations

    def now(self) -> float:
        """Seconds since the epoch, by the clock that tokens are checked against."""
        return self._time()

    async def find_key(self, header: tokens.Header, digest: bytes) -> VerificationKey:
        """The key for a token with this header and digest; may wait for a fetch.

        Raises TokenInvalid when the issuer has none, KeysUnavailable when that is not known at the moment.
        """
        return self._key_set.held(header) or await self._key_set.find(header, digest)

    def same_origin(self, of_revocations: tuple[str, ...], staleness: float) -> bool | None:
        """Whether the keys come from the database of the revocations; both arguments are in the status of a feed.

        None when the issuer or the feed does not say. Where they differ, what is revoked there is not refused here.
        """
        return self._origins.same(self._key_set.origins, self._key_set.origins_age(), of_revocations, staleness)

    def recall(self, token: bytes, *, max_revocation_staleness: float | None = None) -> Principal | None:
        """The caller of a token that is remembered and still accepted; None when ``authenticate`` has to be called.

        ``token`` as it was sent. Call it on the event loop; it neither waits nor raises.
        """
        principal = self._recall(sha256(token).digest()[:_DIGEST_OCTETS]) if self._recalls else None
        if principal is None:
            return None
        revocations = self._revocations
        if revocations is not None:
            bound = self._staleness_bound if max_revocation_staleness is None else max_revocation_staleness
            if not revocations.staleness() <= bound or revocations.is_revoked(principal):
                return None
        self._recalled.add()
        return principal

    async def authenticate(self, token: str, *, max_revocation_staleness: float | None = None) -> Principal:
        """Verify a token and build its caller; a remembered token costs no signature check and no task switch.

        ``max_revocation_staleness`` (seconds) overrides the setting. Raises TokenInvalid, TokenExpired, TokenRevoked,
        KeysUnavailable or RevocationStale.
        """
        bound = self._staleness_bound if max_revocation_staleness is None else max_revocation_staleness
        digest = digest_of(token)
        known = self._recall(digest)
        try:
            principal = await self._verify(token, digest) if known is None else known
            revocations = self._revocations
            if revocations is not None:
                _refuse_revoked(principal, revocations)
                if not revocations.staleness() <= bound:
                    await _prove_current(principal, revocations, bound)
        except AuthenticationError as error:
            cache = "miss" if known is None else "hit"
            self._metrics.verifications.labels(self.settings.issuer, error.code, cache).inc()
            raise
        if known is None:
            self._count_miss()
        else:
            self._count_hit()
        return principal

    async def check_current(self, principal: Principal, *, max_revocation_staleness: float | None = None) -> None:
        """Check an authenticated caller again, as a long-lived connection should before each use.

        Raises TokenExpired, TokenRevoked or RevocationStale.
        """
        if self._time() >= principal.expires_at + self._policy.leeway:
            raise TokenExpired
        revocations = self._revocations
        if revocations is not None:
            bound = self._staleness_bound if max_revocation_staleness is None else max_revocation_staleness
            _refuse_revoked(principal, revocations)
            if not revocations.staleness() <= bound:
                await _prove_current(principal, revocations, bound)

    async def until_refused(
        self, principal: Principal, *, max_revocation_staleness: float | None = None
    ) -> AuthenticationError:
        """Wait until an authenticated caller is no longer accepted, then return the reason.

        For long-lived connections: TokenRevoked comes within milliseconds of the revocation, TokenExpired and
        RevocationStale within a second. Where no stale view is accepted (0), the view may be a minute old here.
        """
        bound = self._staleness_bound if max_revocation_staleness is None else max_revocation_staleness
        return await self._watch.wait(principal, bound or _OPEN_CONNECTION_STALENESS)

    @asynccontextmanager
    async def on_revoked(
        self,
        principal: Principal,
        close: Callable[[AuthenticationError], Awaitable[None]],
        *,
        max_revocation_staleness: float | None = None,
    ) -> AsyncIterator[None]:
        """While in the context, call ``close`` once as soon as the caller is no longer accepted; see until_refused."""

        async def wait() -> None:
            await close(await self.until_refused(principal, max_revocation_staleness=max_revocation_staleness))

        waiting = asyncio.create_task(wait())
        try:
            yield
        finally:
            waiting.cancel()
            await asyncio.wait({waiting})

    def _refusal(self, principal: Principal, bound: float) -> AuthenticationError | None:
        if self._time() >= principal.expires_at + self._policy.leeway:
            return TokenExpired()
        revocations = self._revocations
        if revocations is None:
            return None
        if revocations.is_revoked(principal):
            return TokenRevoked()
        return None if revocations.staleness() <= bound else RevocationStale()

    def _recall(self, digest: bytes) -> Principal | None:
        found = self._remembered.find(digest)
        if found is None:
            return None
        principal, key = found
        keys = self._key_set
        if (
            self._time() < principal.expires_at + self._leeway
            and self._monotonic() <= keys.usable_until
            and key in keys.keys.get(key.key_id, ())
        ):
            return principal
        return None

    async def _verify(self, token: str, digest: bytes) -> Principal:
        if not self._turns.take():
            await self._turns.wait()
        started = time.perf_counter()
        try:
            signed = tokens.parse(token, self._policy, self._headers)
            key = self._key_set.held(signed.header)
            if key is None:
                tokens.check_unverified(signed, self._policy, self._time())
        except TokenInvalid as error:
            self._advice.consider(error, verified=False)
            raise
        if key is None:
            key = await self.find_key(signed.header, digest)
            if not self._turns.take():
                await self._turns.wait()
            started = time.perf_counter()
        refused = self._refused.get(digest) if self._refused else None
        if refused is not None and refused.key is key:
            raise refused.error(refused.reason, refused.rule)
        try:
            principal = self.principal_of(tokens.check(signed, key, self._policy, self._time()))
        except TokenInvalid as error:
            self._advice.consider(error, verified=True)
            self._remembered.forget(digest)
            if error.rule not in _PASSING:
                self._refused[digest] = _Refused(type(error), error.reason, error.rule, key)
            raise
        self.has_accepted = True
        self.longest_life = max(self.longest_life, principal.expires_at - principal.issued_at)
        self._headers.remember(signed)
        self._remembered.add(digest, principal, key)
        self._observe(time.perf_counter() - started)
        return principal

    def principal_of(self, claims: tokens.Claims) -> Principal:
        """The caller that verified claims describe. Raises TokenInvalid when they lack what it needs."""
        try:
            return self._principal.from_claims(claims)
        except TokenInvalid:
            raise
        except Exception as error:
            raise TokenInvalid(f"no principal can be built: {type(error).__name__}", Rule.PRINCIPAL) from error


def digest_of(token: str) -> bytes:
    """The key under which a token is remembered."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_OCTETS]


async def _prove_current(principal: Principal, revocations: RevocationList, bound: float) -> None:
    """For a view that is older than ``bound``: where no stale view is accepted, wait for the latest."""
    if bound != 0:
        raise RevocationStale
    try:
        async with asyncio.timeout(_REFRESH_TIMEOUT):
            await revocations.refresh()
    except TimeoutError:
        raise RevocationStale from None
    _refuse_revoked(principal, revocations)


def _refuse_revoked(principal: Principal, revocations: RevocationList) -> None:
    if revocations.is_revoked(principal):
        raise TokenRevoked
