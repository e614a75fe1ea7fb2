"""An application on a core of its own, and what it costs to be asked."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

from scripts.bench.generator import measure
from scripts.bench.table import print_table, spread
from scripts.paths import ROOT
from scripts.ports import free_port

PATIENCE = 60.0


@contextmanager
def application(module: str, variables: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """The port and the process of one uvicorn that serves `module`, on the first core.

    Raises:
        OSError: nobody listens in time.
    """
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"{module}:app", "--port", str(port)]
    environment = {**os.environ, **variables}
    server = subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        wait_for(port)
        pin(server.pid, 0)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Raises OSError when nobody listens in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def pin(process: int, core: int) -> None:
    """Server and load each get a core, where there are two."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(process, {core})


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


Rates = dict[str, list[float]]


def rates_in_turns(
    ways: Mapping[str, tuple[tuple[int, int], str]], tokens: list[str], rounds: int, seconds: float
) -> tuple[Rates, Rates]:
    """By way (port and process, path): requests a second of each round, and microseconds of processor time a request.

    One more round comes first, to warm up.
    """
    rates: Rates = {name: [] for name in ways}
    costs: Rates = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, ((port, process), path) in ways.items():
            before = cpu_seconds(process)
            rate = measure(port, path, tokens, seconds)
            if number > 0:
                rates[name].append(rate)
                costs[name].append((cpu_seconds(process) - before) / (rate * seconds) * 1e6)
    return rates, costs


def print_rates(title: str, rates: Rates, costs: Rates) -> None:
    """Each way beside the first."""
    first, first_cost = next(iter(rates.values())), next(iter(costs.values()))
    print_table(
        f"{title}: requests a second, and against the first",
        ("protected by", "requests a second", "of the first", "CPU us a request", "of the first, by CPU"),
        [
            (
                name,
                spread(rates[name], 0),
                spread([rate / base for rate, base in zip(rates[name], first, strict=True)]),
                spread(costs[name], 0),
                spread([base / cost for cost, base in zip(costs[name], first_cost, strict=True)]),
            )
            for name in rates
        ],
    )


def print_times_as_fast(rates: Rates, mine: str, others: list[str]) -> None:
    for other in others:
        times = [own / theirs for own, theirs in zip(rates[mine], rates[other], strict=True)]
        print(f"  {mine}: {spread(times, 1)} times as fast as {other}")
