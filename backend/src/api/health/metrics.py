"""The Prometheus exposition: of all workers when PROMETHEUS_MULTIPROC_DIR is set, else of the one that answers."""

import os

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector


def exposition() -> bytes:
    # prometheus_client reads this variable by itself when it is imported; it can't be a setting.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
