"""The process's metrics, and their exposition in Prometheus' format.

With PROMETHEUS_MULTIPROC_DIR set at start (an empty folder), any worker answers for all; without it each for itself.
"""

import os

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from resource_server.metrics import Metrics

VERIFICATION = Metrics(REGISTRY)


def exposition() -> bytes:
    # prometheus_client reads this variable by itself when it is imported; it can't be a setting.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
