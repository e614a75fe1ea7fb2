"""Prometheus metrics of the verification. One object serves any number of resource servers, distinguished by issuer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_SECONDS: Final = (0.00005, 0.0001, 0.00015, 0.0002, 0.0003, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1.0)
_TALLY_SECONDS: Final = 1.0


class _Unregistered:
    """Stands for any metric when there is no registry, and counts nothing."""

    def labels(self, *_values: str) -> Self:
        return self

    def inc(self, amount: float = 1) -> None: ...

    def set(self, value: float) -> None: ...

    def observe(self, value: float) -> None: ...

    def add(self) -> None: ...

    def settle(self) -> None: ...


_UNREGISTERED: Final = _Unregistered()


class _Incremented(Protocol):
    def inc(self, amount: float = 1) -> None: ...


class Tally:
    """Counts on the event loop, and adds to the Prometheus counter once a second, because that takes a lock."""

    def __init__(self, counter: _Incremented) -> None:
        self._counter = counter
        self._count = 0

    def add(self) -> None:
        if self._count == 0:
            asyncio.get_running_loop().call_later(_TALLY_SECONDS, self.settle)
        self._count += 1

    def settle(self) -> None:
        """Add what was counted to the counter now."""
        self._counter.inc(self._count)
        self._count = 0


class Metrics:
    """The metrics, in the registry that is passed in (extra ``metrics``); without one, nothing is counted."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry
        self._tallies: list[Tally] = []
        self.verifications: Any = _UNREGISTERED
        self.fetches: Any = _UNREGISTERED
        self.key_set_confirmed: Any = _UNREGISTERED
        self.key_set_keys: Any = _UNREGISTERED
        self.verification_seconds: Any = _UNREGISTERED
        if registry is not None:
            self._register(registry)

    def _register(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Gauge, Histogram  # noqa: PLC0415  an extra

        self.verifications = Counter(
            "resource_server_verifications",
            "Tokens verified, by result (accepted, or the code of the refusal) and whether the token was remembered.",
            ("issuer", "result", "cache"),
            registry=registry,
        )
        self.fetches = Counter(
            "resource_server_key_set_fetches",
            "Fetches of the issuer's key set, by outcome.",
            ("issuer", "outcome"),
            registry=registry,
        )
        self.key_set_confirmed = Gauge(
            "resource_server_key_set_confirmed_timestamp_seconds",
            "When the issuer last confirmed the key set in use. Its age is time() minus this.",
            ("issuer",),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.key_set_keys = Gauge(
            "resource_server_key_set_keys",
            "Keys in the set in use, by whether they are usable.",
            ("issuer", "usable"),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.verification_seconds = Histogram(
            "resource_server_verification_seconds",
            "Time to verify a token that is not remembered, without waiting for keys.",
            ("issuer",),
            buckets=_SECONDS,
            registry=registry,
        )

    def tally(self, issuer: str) -> Tally | _Unregistered:
        """Of remembered tokens that are accepted: nearly all requests."""
        if self._registry is None:
            return _UNREGISTERED
        tally = Tally(self.verifications.labels(issuer, "accepted", "hit"))
        self._tallies.append(tally)
        return tally

    def settle(self) -> None:
        """Bring the counters up to date, before they are read in this process."""
        for tally in self._tallies:
            tally.settle()
