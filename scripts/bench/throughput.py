"""What protection costs over HTTP: the same route unprotected and protected, one uvicorn process, in turns."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from scripts.bench.load import measure
from scripts.bench.table import print_table, spread
from scripts.bench.tokens import Issuer, serving
from scripts.stack.isolated import free_port

ROUNDS = 15
SECONDS = 0.8
TOKENS = 10
MANY = 100_000
SLOWEST_FIRST_TIME = 2_000
"""Requests a second, at the least, with tokens that have not been seen before."""
CONTENDERS = (
    "unprotected",
    "resource_server",
    "resource_server, in a router",
    "resource_server, as a dependency",
    "fastapi-betterauth",
    "fastapi-better-auth-bridge",
)


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def pin(process: int, core: int) -> None:
    """Server and load each get a core, where there are two."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(process, {core})


@contextmanager
def serving_contender(contender: str, issuer: Issuer) -> Iterator[tuple[int, int]]:
    """An application of its own for `contender`; its port and process."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "scripts.bench.throughput_app:app", "--port", str(port)]
    environment = {
        **os.environ,
        "BENCH_ORIGIN": issuer.origin,
        "BENCH_ALGORITHM": issuer.algorithm,
        "BENCH_CONTENDER": contender,
    }
    server = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], env=environment)
    try:
        wait_for(port)
        pin(server.pid, 0)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def compare(algorithm: str) -> None:
    rates: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
    costs: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
    with serving(algorithm) as issuer, ExitStack() as stack:
        tokens = [issuer.token() for _ in range(TOKENS)]
        servers = {name: stack.enter_context(serving_contender(name, issuer)) for name in CONTENDERS}
        for number in range(ROUNDS + 1):
            for contender, (port, process) in servers.items():
                before = cpu_seconds(process)
                rate = measure(port, "/", tokens, SECONDS)
                used = cpu_seconds(process) - before
                if number > 0:
                    rates[contender].append(rate)
                    costs[contender].append(used / (rate * SECONDS) * 1e6)
    free, free_cost = rates["unprotected"], costs["unprotected"]
    print_table(
        f"Over HTTP, warm, {algorithm}: one process, against the same route unprotected",
        ("route protected by", "requests a second", "of unprotected", "CPU us a request", "of unprotected, by CPU"),
        [
            (
                contender,
                spread(rates[contender], 0),
                spread([rate / base for rate, base in zip(rates[contender], free, strict=True)]),
                spread(costs[contender], 0),
                spread([base / cost for cost, base in zip(costs[contender], free_cost, strict=True)]),
            )
            for contender in CONTENDERS
        ],
    )
    for contender in CONTENDERS[4:]:
        times = [mine / other for mine, other in zip(rates["resource_server"], rates[contender], strict=True)]
        print(f"  resource_server is {spread(times, 1)} times as fast as {contender}")


def compare_sizes() -> None:
    """Ten live tokens against a hundred thousand, each in a process of its own that has seen them all before."""
    rates: dict[int, list[float]] = {TOKENS: [], MANY: []}
    with serving("EdDSA") as issuer, ExitStack() as stack:
        servers = {}
        for held in rates:
            port, _ = stack.enter_context(serving_contender("resource_server", issuer))
            tokens = [issuer.token() for _ in range(held)]
            # Time enough for every one of them to be sent.
            measure(port, "/", tokens, held / SLOWEST_FIRST_TIME)
            servers[held] = (port, tokens)
        for _ in range(ROUNDS):
            for held, (port, tokens) in servers.items():
                rates[held].append(measure(port, "/", tokens, SECONDS))
    print_table(
        "Over HTTP, warm, EdDSA: live tokens held",
        ("tokens", "requests a second", "of those with ten"),
        [
            (
                f"{held:,}",
                spread(figures, 0),
                spread([rate / ten for rate, ten in zip(figures, rates[TOKENS], strict=True)]),
            )
            for held, figures in rates.items()
        ],
    )


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    pin(0, 1)
    for algorithm in ("EdDSA", "RS256"):
        compare(algorithm)
    compare_sizes()
