"""What protection costs over HTTP: the same route unprotected and protected, one uvicorn process, in turns."""

import os
import subprocess
import sys
import time
import urllib.request

import psutil

from scripts.bench.load import measure
from scripts.bench.table import print_table, spread
from scripts.bench.tokens import serving
from scripts.running import free_port

ROUNDS = 7
SECONDS = 1.5
TOKENS = 10
PATHS = (
    "/unprotected",
    "/resource_server",
    "/resource_server_dependency",
    "/fastapi-betterauth",
    "/fastapi-better-auth-bridge",
)


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def pin(process: int, core: int) -> None:
    """Server and load each get a core, where there are two."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(process, {core})


def compare(algorithm: str) -> None:
    port = free_port()
    with serving(algorithm) as issuer:
        tokens = [issuer.token() for _ in range(TOKENS)]
        command = [sys.executable, "-m", "uvicorn", "scripts.bench.throughput_app:app", "--port", str(port)]
        environment = {**os.environ, "BENCH_ORIGIN": issuer.origin, "BENCH_ALGORITHM": algorithm}
        server = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], env=environment)
        try:
            wait_for(port)
            pin(server.pid, 0)
            rounds: dict[str, list[float]] = {path: [] for path in PATHS}
            costs: dict[str, list[float]] = {path: [] for path in PATHS}
            for number in range(ROUNDS + 1):
                for path in PATHS:
                    before = cpu_seconds(server.pid)
                    figure = measure(port, path, tokens, SECONDS)
                    used = cpu_seconds(server.pid) - before
                    if number > 0:
                        rounds[path].append(figure)
                        costs[path].append(used / (figure * SECONDS) * 1e6)
        finally:
            server.terminate()
            server.wait()
    free, free_cost = rounds["/unprotected"], costs["/unprotected"]
    print_table(
        f"Over HTTP, warm, {algorithm}: requests a second of one process, and against the unprotected route",
        ("route", "requests a second", "of unprotected", "CPU us a request", "of unprotected, by CPU"),
        [
            (
                path,
                spread(rounds[path], 0),
                spread([figure / base for figure, base in zip(rounds[path], free, strict=True)]),
                spread(costs[path], 0),
                spread([base / cost for cost, base in zip(costs[path], free_cost, strict=True)]),
            )
            for path in PATHS
        ],
    )
    ours = rounds["/resource_server"]
    for path in PATHS[3:]:
        times = [mine / other for mine, other in zip(ours, rounds[path], strict=True)]
        print(f"  /resource_server is {spread(times, 1)} times as fast as {path}")


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/unprotected", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    pin(0, 1)
    for algorithm in ("EdDSA", "RS256"):
        compare(algorithm)
