"""Many at once: nobody is turned away without reason, and nothing is made twice."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import psycopg
import pytest

from scripts.running import RunningStack, prepared_stack
from tests.system.people import form, new_email


async def sign_up_at_once(base: str, bodies: list[dict[str, object]]) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        return await asyncio.gather(*(client.post("/api/auth/sign-up", json=body) for body in bodies))


@pytest.mark.parametrize("through", ["web", "api"])
async def test_fifty_people_sign_up_at_once(stack: RunningStack, through: str) -> None:
    base = stack.web if through == "web" else stack.api
    bodies = [form() for _ in range(50)]
    answers = await sign_up_at_once(base, bodies)

    assert Counter(answer.status_code for answer in answers) == {200: 50}
    with psycopg.connect(stack.urls.owner) as connection:
        emails = [body["email"] for body in bodies]
        counted = connection.execute('SELECT count(*) FROM auth."user" WHERE email = ANY(%s)', [emails]).fetchone()
    assert counted == (50,)


@pytest.mark.parametrize("through", ["web", "api"])
async def test_twenty_with_one_address_make_one_account_and_nineteen_clear_refusals(
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
