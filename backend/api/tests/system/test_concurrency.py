"""Many at once: nobody is turned away without reason, and nothing is made twice."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from scripts.burst import TRUSTING, Burst, Clients
from scripts.burst import sign_up_at_once as crowd
from scripts.stack.isolated import RunningStack, prepared_stack, running_stack, short_lived_folder
from tests.system.people import PASSWORD, form, new_email

MANY = 500 * (os.cpu_count() or 1)
"""More than the identity provider lets wait, which is a number for each core."""


async def sign_up_at_once(base: str, bodies: list[dict[str, object]]) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        return await asyncio.gather(*(client.post("/api/auth/sign-up", json=body) for body in bodies))


def assert_honest(burst: Burst) -> None:
    """Whatever the machine could carry, every answer is a success or a refusal, and true."""
    assert burst.dishonest == {}
    assert burst.untrue == set()
    assert burst.without_retry_after == 0
    assert burst.succeeded


async def assert_unharmed(base: str, burst: Burst) -> None:
    """Who signed up can sign in, and who was refused can sign up."""
    email = min(burst.succeeded)
    again = min(burst.refused, default=new_email())
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        signed_in = await client.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        signed_up = await client.post("/api/auth/sign-up", json=form(email=again))
    assert (signed_in.status_code, signed_up.status_code) == (200, 200)


@pytest.mark.parametrize("through", ["web", "api"])
async def test_fifty_people_sign_up_at_once(stack: RunningStack, through: str) -> None:
    base = stack.web if through == "web" else stack.api
    alive = [f"{stack.api}/healthz", f"{stack.web}/api/healthz"]
    burst = await crowd(base, alive, stack.urls.owner, 50)

    assert_honest(burst)
    assert len(burst.succeeded) == 50
    assert burst.unhealthy == {}
    await assert_unharmed(base, burst)


@pytest.fixture(scope="module")
def trusting() -> Iterator[RunningStack]:
    """A stack to which each client of a burst has an address of its own."""
    with short_lived_folder() as folder, running_stack(folder, TRUSTING) as running:
        yield running


@pytest.mark.long
@pytest.mark.parametrize("through", ["web", "api"])
@pytest.mark.parametrize(
    ("count", "clients", "refusal"),
    [
        (200, "an address each", None),
        (MANY, "an address each", (503, "overloaded")),
        (MANY, "one address", (429, "rate_limited")),
    ],
)
async def test_requests_of_any_number_get_a_correct_answer(
    trusting: RunningStack, through: str, count: int, clients: Clients, refusal: tuple[int, str] | None
) -> None:
    base = trusting.web if through == "web" else trusting.api
    alive = [f"{trusting.api}/healthz", f"{trusting.web}/api/healthz"]
    burst = await crowd(base, alive, trusting.urls.owner, count, clients)

    assert_honest(burst)
    assert burst.unhealthy == {}
    assert refusal is None or burst.outcomes[refusal] > 0, burst.outcomes
    await assert_unharmed(base, burst)


@pytest.mark.parametrize("through", ["web", "api"])
async def test_twenty_sign_ups_with_one_address_make_one_account_and_nineteen_refusals(
    stack: RunningStack, through: str
) -> None:
    base = stack.web if through == "web" else stack.api
    email = new_email()
    answers = await sign_up_at_once(base, [form(email=email) for _ in range(20)])

    outcomes = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert outcomes == {(200, None): 1, (422, "email_taken"): 19}


async def test_first_requests_in_parallel_make_one_signing_key(stack: RunningStack, folder: Path) -> None:
    with prepared_stack(folder, stack.urls) as second, psycopg.connect(stack.urls.owner, autocommit=True) as connection:
        second.start("web")
        kept = connection.execute("DELETE FROM auth.jwks RETURNING *").fetchall()
        async with httpx.AsyncClient(base_url=second.web, timeout=30) as client:
            signing = [client.post("/api/auth/sign-up", json=form()) for _ in range(5)]
            reading = [client.get("/api/auth/jwks") for _ in range(15)]
            answers = await asyncio.gather(*signing, *reading)
        made = connection.execute("DELETE FROM auth.jwks RETURNING id").fetchall()
        placeholders = ", ".join(["%s"] * len(kept[0]))
        connection.cursor().executemany(f"INSERT INTO auth.jwks VALUES ({placeholders})", kept)

    assert Counter(answer.status_code for answer in answers) == {200: 20}
    assert len(made) == 1
