"""Many signed-in people at little cost: their sessions are put into the database, their tokens minted by the IdP."""

import base64
import hashlib
import hmac
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

import psycopg

from scripts.bench.connections import Connection
from scripts.stack.isolated import SECRET, RunningStack

PASSWORD = "Corr3ctHorse"
MINTERS = 4


@dataclass(frozen=True)
class Holder:
    """Somebody with a session of the browser's and a token minted for it."""

    user: str
    session: str
    cookie: str
    token: str

    @property
    def email(self) -> str:
        return email_of(self.user)


def email_of(user: str) -> str:
    return f"{user}@example.com"


def session_cookie(session_token: str) -> str:
    """As Better Auth signs it."""
    signature = base64.b64encode(hmac.digest(SECRET.encode(), session_token.encode(), hashlib.sha256)).decode()
    return f"better-auth.session_token={quote(f'{session_token}.{signature}', safe='')}"


def password_hash(stack: RunningStack) -> str:
    """Of PASSWORD, as the identity provider stores it."""
    email = email_of(secrets.token_hex(8))
    with Connection(stack.ports.web) as web:
        form = {"name": "First", "email": email, "password": PASSWORD}
        answer = web.request("POST", "/api/auth/sign-up", {}, form)
        if not answer.let_in:
            raise RuntimeError(f"no sign-up: {answer.status} {answer.code}")
    query = 'SELECT password FROM auth.account JOIN auth."user" u ON u.id = "userId" WHERE email = %s'
    with psycopg.connect(stack.urls.owner) as owner:
        row = owner.execute(query, [email]).fetchone()
    if row is None:
        raise RuntimeError("the sign-up left no account")
    return str(row[0])


def populate(stack: RunningStack, number: int, role: str = "user") -> list[Holder]:
    """Raises RuntimeError when a token is not minted."""
    people = [(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16)) for _ in range(number)]
    users, sessions, tokens = ([person[i] for person in people] for i in range(3))
    with psycopg.connect(stack.urls.owner) as owner:
        owner.execute(
            """
            WITH person AS (
                INSERT INTO auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt", role)
                SELECT id, 'Somebody', id || '@example.com', true, now(), now(), %(role)s
                FROM unnest(%(users)s::text[]) id
            ), account AS (
                INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
                SELECT id, id, 'credential', id, %(hash)s, now(), now() FROM unnest(%(users)s::text[]) id
            )
            INSERT INTO auth.session (id, "expiresAt", token, "createdAt", "updatedAt", "userId", "clientKind")
            SELECT s, now() + interval '45 days', t, now(), now(), u, 'token'
            FROM unnest(%(users)s::text[], %(sessions)s::text[], %(tokens)s::text[]) AS _ (u, s, t)
            """,
            {"role": role, "users": users, "sessions": sessions, "tokens": tokens, "hash": password_hash(stack)},
        )
    cookies = [session_cookie(token) for token in tokens]
    with ThreadPoolExecutor(MINTERS) as pool:
        shares = list(pool.map(lambda first: mint(stack, cookies[first::MINTERS]), range(MINTERS)))
    minted = [shares[i % MINTERS][i // MINTERS] for i in range(number)]
    return [Holder(*person) for person in zip(users, sessions, cookies, minted, strict=True)]


def mint(stack: RunningStack, cookies: list[str]) -> list[str]:
    with Connection(stack.ports.web) as web:
        answers = [web.request("GET", "/api/auth/token", {"Cookie": cookie}) for cookie in cookies]
    if not all(answer.let_in for answer in answers):
        raise RuntimeError("a token was not minted")
    return [json.loads(answer.body)["token"] for answer in answers]
