"""What protection costs over HTTP: the same route unprotected and protected, one uvicorn process, in turns."""

from contextlib import AbstractContextManager, ExitStack

from scripts.bench.application import application, pin, print_rates, print_times_as_fast, rates_in_turns
from scripts.bench.generator import measure
from scripts.bench.table import print_table, spread
from scripts.bench.tokens import Issuer, serving

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


def serving_contender(contender: str, issuer: Issuer) -> AbstractContextManager[tuple[int, int]]:
    """An application of its own for `contender`; its port and process."""
    variables = {"BENCH_ORIGIN": issuer.origin, "BENCH_ALGORITHM": issuer.algorithm, "BENCH_CONTENDER": contender}
    return application("scripts.bench.throughput_app", variables)


def compare(algorithm: str) -> None:
    with serving(algorithm) as issuer, ExitStack() as stack:
        tokens = [issuer.token() for _ in range(TOKENS)]
        ways = {name: (stack.enter_context(serving_contender(name, issuer)), "/") for name in CONTENDERS}
        rates, costs = rates_in_turns(ways, tokens, ROUNDS, SECONDS)
    print_rates(f"A route over HTTP, warm, {algorithm}, one process", rates, costs)
    print_times_as_fast(rates, "resource_server", [*CONTENDERS[4:]])


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


if __name__ == "__main__":
    pin(0, 1)
    for algorithm in ("EdDSA", "RS256"):
        compare(algorithm)
    compare_sizes()
