"""What a read of the database costs: `GET /api/notes` against `GET /api/me`, one API process, in turns, with wrk.

Then with 2,000 connections, of which none may be answered otherwise than 2xx.
"""

import re
import subprocess
from typing import NamedTuple

import httpx

from scripts.bench.table import print_table, spread
from scripts.bench.throughput import cpu_seconds
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

ROUNDS = 5
SECONDS = 3
NOTES = (1, 20)
CONNECTIONS = 16
MANY = 2_000
PASSWORD = "Corr3ctHorse"  # noqa: S105


class Run(NamedTuple):
    """What wrk says: answers a second, answers other than 2xx, and connections that failed."""

    rate: float
    refused: int
    failed: int


def wrk(url: str, connections: int, seconds: int, *headers: str) -> Run:
    """Raises RuntimeError when wrk says nothing of use."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        *(argument for header in headers for argument in ("-H", header)),
    ]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    failed = re.findall(r"(?:connect|read|write|timeout) (\d+)", said)
    if rate is None:
        raise RuntimeError(f"wrk said nothing of use:\n{said}")
    return Run(float(rate[1]), int(refused[1]) if refused else 0, sum(map(int, failed)))


def person(stack: RunningStack, notes: int) -> str:
    """The token of somebody who has that many notes."""
    form = {"name": "Ada", "email": f"bench-{notes}@example.com", "password": PASSWORD}
    token = str(
        httpx.post(f"{stack.web}/api/auth/sign-up", json=form, timeout=30).raise_for_status().json()["access_token"]
    )
    for number in range(notes):
        note = {"title": f"Note {number}", "body": "Something to remember. " * 5}
        httpx.post(f"{stack.api}/api/notes", json=note, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    return token


def compare(stack: RunningStack) -> None:
    tokens = {notes: person(stack, notes) for notes in NOTES}
    routes = {"GET /api/me": (f"{stack.api}/api/me", tokens[1])}
    for notes, token in tokens.items():
        routes[f"GET /api/notes, {notes} on the page"] = (f"{stack.api}/api/notes", token)
    rates: dict[str, list[float]] = {route: [] for route in routes}
    costs: dict[str, list[float]] = {route: [] for route in routes}
    process = stack.running["api"].pid
    for _ in range(ROUNDS):
        for route, (url, token) in routes.items():
            before = cpu_seconds(process)
            run = wrk(url, CONNECTIONS, SECONDS, f"Authorization: Bearer {token}")
            rates[route].append(run.rate)
            costs[route].append((cpu_seconds(process) - before) / (run.rate * SECONDS) * 1e6)
    base, base_cost = rates["GET /api/me"], costs["GET /api/me"]
    print_table(
        "A read of the database, one API process",
        ("route", "requests a second", "of /api/me", "CPU us a request", "of /api/me, by CPU"),
        [
            (
                route,
                spread(rates[route], 0),
                spread([rate / free for rate, free in zip(rates[route], base, strict=True)]),
                spread(costs[route], 0),
                spread([free / cost for free, cost in zip(base_cost, costs[route], strict=True)]),
            )
            for route in routes
        ],
    )
    run = wrk(f"{stack.api}/api/notes", MANY, SECONDS * 3, f"Authorization: Bearer {tokens[1]}")
    print(f"\n  {MANY:,} connections: {run.rate:.0f} requests a second, {run.refused} not 2xx, {run.failed} failed")


def main() -> None:
    with short_lived_folder() as folder, running_stack(folder, workers=1) as stack:
        compare(stack)


if __name__ == "__main__":
    main()
