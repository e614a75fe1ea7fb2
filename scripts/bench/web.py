"""What stands around the verification, beside an empty Next.js application: wrk, 16 connections, in turns."""

import re
import subprocess
from typing import NamedTuple

import httpx

from scripts.bench.bare_next import bare_next
from scripts.bench.table import print_table, spread
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 16
PASSWORD = "Corr3ctHorse"
GOALS = {
    "/": ("/", 0.75),
    "/sign-in": ("/", 0.75),
    "/sign-up": ("/", 0.75),
    "/api/auth/jwks": ("/handler", 0.80),
    "/api/backend/me": ("/handler", 0.65),
    "/api/auth/get-session": ("/handler", 0.40),
}
"""Ours, the bare application's own, and the part of its rate to reach."""


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


def signed_in(stack: RunningStack) -> str:
    """The cookies of a browser."""
    form = {"name": "Ada", "email": "bench-web@example.com", "password": PASSWORD}
    with httpx.Client(base_url=stack.web, headers={"Origin": stack.web}, timeout=30) as browser:
        browser.post("/api/session/sign-up", json=form).raise_for_status()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)


def compare(stack: RunningStack, bare: str) -> None:
    """Raises RuntimeError when anything is answered otherwise than 2xx."""
    cookies = signed_in(stack)
    addresses = {f"bare {path}": (bare + path, "") for path, _ in GOALS.values()}
    for path in GOALS:
        addresses[path] = (stack.web + path, cookies if path.startswith("/api/") and path != "/api/auth/jwks" else "")
    rates: dict[str, list[float]] = {name: [] for name in addresses}
    for name, (url, cookie) in [*addresses.items()] * ROUNDS:
        run = wrk(url, CONNECTIONS, SECONDS, *([f"Cookie: {cookie}"] if cookie else []))
        if run.refused or run.failed:
            raise RuntimeError(f"{name}: {run.refused} refused, {run.failed} failed")
        rates[name].append(run.rate)
    print_table(
        "The web beside an empty Next.js application",
        ("address", "a second", "beside", "part of its rate", "to reach"),
        [
            (
                path,
                spread(rates[path], 0),
                other,
                spread([ours / theirs for ours, theirs in zip(rates[path], rates[f"bare {other}"], strict=True)]),
                f"{goal:.2f}",
            )
            for path, (other, goal) in GOALS.items()
        ],
    )


def main() -> None:
    # As many requests as can be had: the limits per address are not what is measured.
    with (
        short_lived_folder() as folder,
        running_stack(folder, {"RATE_LIMIT_MAX": "10000000"}, workers=1) as stack,
        bare_next() as bare,
    ):
        compare(stack, bare)


if __name__ == "__main__":
    main()
