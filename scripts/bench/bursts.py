"""People who sign up at once, at either address: answers, time, accounts, and the health checks meanwhile."""

import asyncio

from scripts.bench.table import percentile, print_table
from scripts.burst import TRUSTING, Burst, Clients, sign_up_at_once
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

BURSTS: tuple[tuple[int, Clients], ...] = (
    (200, "an address each"),
    (1_000, "an address each"),
    (1_000, "one address"),
)


def row(title: str, burst: Burst) -> tuple[str, ...]:
    others = ", ".join(f"{times} {code or status}" for (status, code), times in burst.outcomes.items() if status != 200)
    return (
        title,
        str(len(burst.succeeded)),
        others or "none",
        str(len(burst.accounts)),
        str(len(burst.untrue)),
        f"{percentile(burst.seconds, 0.5):.1f} / {percentile(burst.seconds, 0.99):.1f}",
        f"{len(burst.succeeded) / burst.elapsed:.0f}",
        f"{percentile(burst.health_seconds, 0.5) * 1000:.0f} / {percentile(burst.health_seconds, 0.99) * 1000:.0f}",
        str(burst.unhealthy.total()),
    )


def measure(stack: RunningStack) -> None:
    health = [f"{stack.api}/healthz", f"{stack.api}/readyz", f"{stack.web}/api/healthz"]
    rows = []
    for count, clients in BURSTS:
        for where, address in (("identity provider", stack.web), ("API", stack.api)):
            burst = asyncio.run(sign_up_at_once(address, health, stack.urls.owner, count, clients))
            rows.append(row(f"{count:,} from {clients}, {where}", burst))
    print_table(
        "People who sign up at once; clients, both servers and Postgres on one machine",
        ("", "200", "refused", "accounts", "untrue", "p50 / p99 s", "200 a second", "health p50 / p99 ms", "unhealthy"),
        rows,
    )


def main() -> None:
    with short_lived_folder() as folder, running_stack(folder, TRUSTING) as stack:
        measure(stack)


if __name__ == "__main__":
    main()
