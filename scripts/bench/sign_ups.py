"""Sign-ups a second, the access token included, beside stock Better Auth: one database, one client, in turns."""

import asyncio
import time
import uuid

import httpx
import psycopg

from scripts.bench.application import cpu_seconds
from scripts.bench.bare_next import started_bare_next
from scripts.bench.table import print_table, spread
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

ROUNDS = 5
SECONDS = 6.0
CONCURRENCY = 8
GOAL = 3.5
PASSWORD = "Corr3ctHorse"


async def sign_up(client: httpx.AsyncClient, *, stock: bool) -> None:
    """Raises httpx.HTTPStatusError when anything is refused."""
    form = {
        "name": "Ada",
        "email": f"{uuid.uuid4().hex}@example.com",
        "password": PASSWORD,
    }
    client.cookies.clear()
    if not stock:
        answer = await client.post("/api/auth/sign-up", json=form)
        answer.raise_for_status().json()["access_token"]
        return
    answer = (await client.post("/api/auth/sign-up/email", json=form)).raise_for_status()
    cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    client.cookies.clear()
    (await client.get("/api/auth/token", headers={"Cookie": cookie})).raise_for_status().json()["token"]


async def rate(address: str, *, stock: bool) -> tuple[float, int]:
    """Sign-ups a second, and how many there were."""
    started = time.perf_counter()

    async def keep_on() -> int:
        count = 0
        headers = {"Origin": address} if stock else {}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            while time.perf_counter() < started + SECONDS:
                await sign_up(client, stock=stock)
                count += 1
        return count

    count = sum(await asyncio.gather(*(keep_on() for _ in range(CONCURRENCY))))
    return count / (time.perf_counter() - started), count


def stock_schema(stack: RunningStack) -> str:
    """The address of a schema of its own in the same database."""
    with psycopg.connect(stack.urls.owner, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA stock")
    separator = "&" if "?" in stack.urls.owner else "?"
    return f"{stack.urls.owner}{separator}options=-c%20search_path%3Dstock"


def compare(stack: RunningStack) -> None:
    with started_bare_next(stock_schema(stack)) as (bare, process):
        sides = {
            "ours": (stack.web, stack.running["web"].pid, False),
            "stock Better Auth": (bare, process.pid, True),
        }
        rates: dict[str, list[float]] = {side: [] for side in sides}
        costs: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(ROUNDS + 1):
            for side, (address, pid, stock) in sides.items():
                before = cpu_seconds(pid)
                measured, count = asyncio.run(rate(address, stock=stock))
                # The first round warms both up.
                if number:
                    rates[side].append(measured)
                    costs[side].append((cpu_seconds(pid) - before) / count * 1000)
    stocks = rates["stock Better Auth"]
    print_table(
        f"Sign-ups, token included; {GOAL} times stock Better Auth to reach",
        ("", "a second", "CPU ms each", "times stock", "times stock, by CPU"),
        [
            (
                side,
                spread(rates[side], 0),
                spread(costs[side], 1),
                spread([own / other for own, other in zip(rates[side], stocks, strict=True)]),
                spread([other / own for own, other in zip(costs[side], costs["stock Better Auth"], strict=True)]),
            )
            for side in sides
        ],
    )


def main() -> None:
    with short_lived_folder() as folder, running_stack(folder, workers=1) as stack:
        compare(stack)


if __name__ == "__main__":
    main()
