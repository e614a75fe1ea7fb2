"""The protected route with no revocation held, with a million, and with a session look-up in Postgres instead."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from scripts.bench.denylist import prepare
from scripts.bench.holders import populate
from scripts.bench.load import CONNECTIONS, measure
from scripts.bench.table import print_table, spread
from scripts.bench.throughput import cpu_seconds, pin
from scripts.database import embedded_database
from scripts.paths import BIN, ROOT
from scripts.running import RunningStack, free_port
from scripts.stack import answers

ROUNDS = 9
SECONDS = 2.0
PATH = "/api/me"
SHARED = ("PROMETHEUS_MULTIPROC_DIR", "AUTH_JWKS_SNAPSHOT")
"""What two services must not share."""


@contextmanager
def service(stack: RunningStack, application: str, **changes: str) -> Iterator[tuple[int, int]]:
    """The port and the process of an API of one process beside the stack's, for the same tokens, ready to be used."""
    port = free_port()
    inherited: Mapping[str, str] = stack.services["api"].environment
    environment = {name: value for name, value in inherited.items() if name not in SHARED} | changes
    command = [str(BIN / "uvicorn"), application, "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    with (stack.logs / "bench.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            if process.poll() is not None:
                raise RuntimeError((stack.logs / "bench.log").read_text()[-2_000:])
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def compare(stack: RunningStack, folder: Path, rows: int) -> None:
    """The stack's database holds `rows` revocations. Each service has a core of its own, where there are two."""
    tokens = [holder.token for holder in populate(stack, CONNECTIONS)]
    with psycopg.connect(stack.urls.owner) as owner:
        owner.execute("GRANT SELECT ON auth.session TO api")
    with ExitStack() as opened:
        empty = opened.enter_context(embedded_database(folder / "empty"))
        prepare(empty)
        services = {
            "no revocation held": service(
                stack, "api.main:app", DATABASE_URL=empty.api, DATABASE_URL_UNPOOLED=empty.api
            ),
            f"{rows:,} revocations held": service(stack, "api.main:app"),
            "session look-up in Postgres": service(
                stack, "scripts.bench.session_lookup:app", REVOCATION_FEED="off", ENVIRONMENT="development"
            ),
        }
        running = {name: opened.enter_context(one) for name, one in services.items()}
        for _, process in running.values():
            pin(process, 0)
        pin(0, 1)
        rounds: dict[str, list[float]] = {name: [] for name in running}
        costs: dict[str, list[float]] = {name: [] for name in running}
        for number in range(ROUNDS + 1):
            for name, (port, process) in running.items():
                before = cpu_seconds(process)
                figure = measure(port, PATH, tokens, SECONDS)
                if number > 0:
                    rounds[name].append(figure)
                    costs[name].append((cpu_seconds(process) - before) / (figure * SECONDS) * 1e6)
    report(rounds, costs)


def report(rounds: dict[str, list[float]], costs: dict[str, list[float]]) -> None:
    base, base_cost = next(iter(rounds.values())), next(iter(costs.values()))
    print_table(
        f"GET {PATH}, one process, in turns",
        ("protected by", "requests a second", "of the first", "CPU us a request", "of the first, by CPU"),
        [
            (
                name,
                spread(rounds[name], 0),
                spread([figure / first for figure, first in zip(rounds[name], base, strict=True)]),
                spread(costs[name], 0),
                spread([first / cost for cost, first in zip(costs[name], base_cost, strict=True)]),
            )
            for name in rounds
        ],
    )
    held, looked_up = list(rounds.values())[1:]
    times = [mine / other for mine, other in zip(held, looked_up, strict=True)]
    print(f"  the list is {spread(times, 1)} times as fast as the look-up")
