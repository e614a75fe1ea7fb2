"""Prometheus metrics of the verification. One object serves any number of resource servers, told apart by issuer."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.00005, 0.0001, 0.00015, 0.0002, 0.0003, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1.0)
_TALLY_SECONDS = 1.0


class Tally:
    """Counts on the event loop, and tells the counter once a second: that one takes a lock."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._count = 0

    def add(self) -> None:
        if self._count == 0:
            asyncio.get_running_loop().call_later(_TALLY_SECONDS, self.settle)
        self._count += 1

    def settle(self) -> None:
        """Tell the counter now."""
        self._counter.inc(self._count)
        self._count = 0


class Metrics:
    """The metrics, in the registry that is passed in; without one they are counted and shown to nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = CollectorRegistry() if registry is None else registry
        self.verifications = Counter(
            "resource_server_verifications",
            "Tokens judged, by result (accepted, or the code of the refusal) and by whether the token was remembered.",
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
            multiprocess_mode="min",
        )
        self.key_set_keys = Gauge(
            "resource_server_key_set_keys",
            "Keys in the set in use, by whether they are usable.",
            ("issuer", "usable"),
            registry=registry,
            multiprocess_mode="min",
        )
        self.verification_seconds = Histogram(
            "resource_server_verification_seconds",
            "Time to verify a token that is not remembered, without waiting for keys.",
            ("issuer",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._tallies: list[Tally] = []

    def tally(self, issuer: str) -> Tally:
        """Of remembered tokens that are accepted: nearly all requests."""
        tally = Tally(self.verifications.labels(issuer, "accepted", "hit"))
        self._tallies.append(tally)
        return tally

    def settle(self) -> None:
        """Bring the counters up to date, before they are read in this process."""
        for tally in self._tallies:
            tally.settle()
