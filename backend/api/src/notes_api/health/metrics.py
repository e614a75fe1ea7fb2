"""The process's metrics, and their exposition in Prometheus' format.

With PROMETHEUS_MULTIPROC_DIR set at start (an empty folder), any worker reports for all; without it each reports for
itself.
"""

import asyncio
import os
import time
from collections.abc import Callable

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from resource_server import Metrics
from resource_server.revocation import RevocationFeed

VERIFICATION = Metrics(REGISTRY)
REVOCATIONS = Gauge(
    "revocation_entries", "Revocations held in memory, by kind.", ["kind"], multiprocess_mode="mostrecent"
)
COMPLETE = Gauge(
    "revocation_complete_timestamp_seconds",
    "As of when the view of the revocations is complete. Its lag is time() minus this.",
    multiprocess_mode="livemin",
)
TRANSPORT = Gauge(
    "revocation_transport",
    "Workers by the transport over which they follow revocations.",
    ["transport"],
    multiprocess_mode="livesum",
)
TRANSPORTS = ("listen", "poll", "http", "nats")
# prometheus_client reads this variable by itself when it is imported; it can't be a setting.
SHARED_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
SAMPLE_SECONDS = 1.0


async def sample_revocations(feed: RevocationFeed) -> None:
    """Copies the feed's state to the gauges, forever: gauges that are computed during a scrape know only one worker."""
    while True:
        status = feed.status()
        REVOCATIONS.labels("session").set(status.sessions)
        REVOCATIONS.labels("user").set(status.users)
        REVOCATIONS.labels("other").set(status.others)
        COMPLETE.set(max(0.0, time.time() - status.staleness))
        for transport in TRANSPORTS:
            TRANSPORT.labels(transport).set(transport == status.transport)
        await asyncio.sleep(SAMPLE_SECONDS)


def forget_process() -> None:
    """Removes this worker from the gauges of live workers."""
    forget: Callable[[int], object] = mark_process_dead
    if SHARED_FOLDER:
        forget(os.getpid())


def exposition() -> bytes:
    VERIFICATION.settle()
    if not SHARED_FOLDER:
        return generate_latest()
    registry = CollectorRegistry()
    collect: Callable[[CollectorRegistry], object] = MultiProcessCollector
    collect(registry)
    return generate_latest(registry)
