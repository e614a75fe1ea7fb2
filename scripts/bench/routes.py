"""A protected route with no revocation held, with a million, and with a session look-up in Postgres instead."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import jwt
import psycopg

from scripts.bench.application import application, pin, print_rates, print_times_as_fast, rates_in_turns
from scripts.bench.denylist import prepare, revoke
from scripts.bench.generator import CONNECTIONS
from scripts.bench.tokens import serving
from scripts.database import DatabaseUrls, embedded_database

ROUNDS = 9
SECONDS = 2.0


def service(origin: str, urls: DatabaseUrls) -> AbstractContextManager[tuple[int, int]]:
    """The port and the process of one that has loaded its revocations."""
    return application("scripts.bench.routes_app", {"BENCH_ORIGIN": origin, "BENCH_DATABASE_URL": urls.api})


def start_sessions(urls: DatabaseUrls, tokens: list[str]) -> None:
    """As the identity provider keeps them, for these tokens, open to the API's role."""
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    with psycopg.connect(urls.owner) as owner:
        owner.execute(
            """
            INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ('user-1', 'Ada', 'ada@example.com', true)
            """
        )
        owner.execute(
            """
            INSERT INTO auth.session (id, "expiresAt", token, "updatedAt", "userId")
            SELECT id, now() + interval '45 days', id, now(), 'user-1' FROM unnest(%s::text[]) id
            """,
            ([claim["sid"] for claim in claims],),
        )
        owner.execute("GRANT SELECT ON auth.session TO api")


def compare(folder: Path, rows: int) -> None:
    """One process each, in turns, on a core of its own where there are two."""
    with ExitStack() as opened:
        issuer = opened.enter_context(serving("EdDSA"))
        tokens = [issuer.token() for _ in range(CONNECTIONS)]
        empty, full = (opened.enter_context(embedded_database(folder / name)) for name in ("empty", "full"))
        for urls in (empty, full):
            prepare(urls)
            start_sessions(urls, tokens)
        revoke(full, rows)
        with_none, with_rows = (opened.enter_context(service(issuer.origin, urls)) for urls in (empty, full))
        ways = {
            "the list, nothing revoked": (with_none, "/list"),
            f"the list, {rows:,} revoked": (with_rows, "/list"),
            "a session look-up, SQLAlchemy": (with_none, "/orm"),
            "a session look-up, one statement": (with_none, "/statement"),
        }
        pin(0, 1)
        rates, costs = rates_in_turns(ways, tokens, ROUNDS, SECONDS)
    print_rates("A protected route over HTTP, one process", rates, costs)
    held, *looked_up = list(rates)[1:]
    print_times_as_fast(rates, held, looked_up)
