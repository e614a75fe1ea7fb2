"""A throw-away user: signs up, gets a token that works and dies, and leaves no trace but the revocation."""

import ipaddress
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
import psycopg

from notes_api.names import NAMES
from resource_server.clients import new_client
from resource_server.doctor import trial
from resource_server.doctor.finding import Finding, fault
from resource_server.doctor.settings import examine_settings
from scripts.doctor.in_use import InUse

SUBJECT = "Throw-away user"
DOMAIN = "doctor.invalid"
"""No mail can ever be sent there (RFC 2606, section 2)."""
ASKED = 12
"""So many instances behind a balancer are told apart, if it takes turns."""


@dataclass(frozen=True)
class User:
    id: str
    email: str
    password: str
    token: str
    cookie: str
    source: str | None
    """The address that its requests come from; None when that can't be chosen."""


async def examine(use: InUse) -> list[Finding]:
    source = own_source(use.web_url)
    async with client_from(source) as client:
        user = await sign_up(use, client, source)
        if isinstance(user, Finding):
            return [user]
        try:
            found = [*await one_secret(use, user), *await addresses(use, user)]
            settings = examine_settings(use.api).settings
            if settings is not None:
                found.append(await trial.verify(settings, client, user.token, NAMES))
            return [*found, *await works_and_dies(use, client, user)]
        finally:
            remove(use.web["DATABASE_URL"], user.id)


async def sign_up(use: InUse, client: httpx.AsyncClient, source: str | None) -> User | Finding:
    email, password = f"doctor-{secrets.token_hex(8)}@{DOMAIN}", f"Aa1-{secrets.token_urlsafe(18)}"
    form = {"name": "Doctor", "email": email, "password": password}
    answer = await client.post(f"{use.web_url}/api/auth/sign-up", json=form)
    if answer.status_code != HTTPStatus.OK:
        problem = f"it can't sign up: {answer.status_code} {trial.code_of(answer)}".rstrip()
        return fault(SUBJECT, "sign_up", problem, "look at the identity provider's log")
    body = answer.json()
    cookie = "; ".join(value.split(";", 1)[0] for value in answer.headers.get_list("set-cookie"))
    return User(body["user"]["id"], email, password, body["access_token"], cookie, source)


async def one_secret(use: InUse, user: User, transport: httpx.AsyncBaseTransport | None = None) -> list[Finding]:
    """Each instance must know the session's cookie, which is signed under BETTER_AUTH_SECRET."""
    known = 0
    for _ in range(ASKED):
        async with new_client(transport=transport, timeout=10) as client:
            headers = {"Cookie": user.cookie, "Origin": use.web_url}
            answer = await client.get(f"{use.web_url}/api/auth/get-session", headers=headers)
            known += answer.status_code == HTTPStatus.OK and answer.text not in {"", "null"}
    if known == ASKED:
        return [Finding(f"{SUBJECT}: its session is known each time")]
    if known == 0:
        problem = "its session's cookie is not accepted"
        return [fault(SUBJECT, "session_unknown", problem, "look at the identity provider's log")]
    problem = f"its session is known to {known} of {ASKED} answers: instances have different secrets"
    return [fault(SUBJECT, "secrets_differ", problem, "give all instances the same BETTER_AUTH_SECRET")]


async def addresses(use: InUse, user: User) -> list[Finding]:
    """Which client address the identity provider believes, asked directly and through the API's relay."""
    if not use.is_production:
        return []
    seen = session_address(use.web["DATABASE_URL"], user.id)
    direct = judged("the identity provider", seen, user.source)
    if direct:
        return [direct]
    source = own_source(use.api_url)
    async with client_from(source) as client:
        form = {"email": user.email, "password": user.password}
        answer = await client.post(f"{use.api_url}/api/auth/sign-in", json=form)
    if answer.status_code != HTTPStatus.OK:
        problem = f"it can't sign in through the API: {answer.status_code} {trial.code_of(answer)}".rstrip()
        return [fault(SUBJECT, "relay", problem, "check that IDP_URL of the API leads to the identity provider")]
    relayed = judged(
        "the identity provider, behind the API's relay,", session_address(use.web["DATABASE_URL"], user.id), source
    )
    return [relayed or Finding(f"{SUBJECT}: its address is known, directly and through the API")]


def judged(who: str, seen: str, own: str | None) -> Finding | None:
    """`own` is None when it can't be known, as behind address translation."""
    if not seen:
        problem = f"{who} sees no client address: everybody shares one rate limit"
        remedy = "let CLIENT_IP_HEADER name the header that your proxy sets, the same on both sides"
        return fault(SUBJECT, "client_address_missing", problem, remedy)
    address = ipaddress.ip_address(seen)
    mistaken = seen != own if own else address.is_loopback
    if not mistaken:
        return None
    problem = f"{who} takes {seen} for the client's address: everybody behind that shares one rate limit"
    remedy = f"add {seen} to TRUSTED_PROXIES, and let it send X-Forwarded-For"
    return fault(SUBJECT, "proxy_not_trusted", problem, remedy)


async def works_and_dies(use: InUse, client: httpx.AsyncClient, user: User) -> list[Finding]:
    async def revoke() -> None:
        await client.post(f"{use.web_url}/api/auth/sign-out", headers={"Authorization": f"Bearer {user.token}"})

    return await trial.accepted_and_refused(client, f"{use.api_url}/api/me", user.token, revoke)


def own_source(url: str) -> str | None:
    """An address of this machine's that nobody else uses, where the server is on this machine too."""
    host = urlsplit(url).hostname or ""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return None
    if sys.platform != "linux" or not any(ipaddress.ip_address(address).is_loopback for address in found):
        return None
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(255)}.{1 + secrets.randbelow(254)}"


@asynccontextmanager
async def client_from(source: str | None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(local_address=source) if source else None
    async with new_client(transport=transport, timeout=15) as client:
        yield client


def session_address(owner: str, user: str) -> str:
    """Of the user's latest session."""
    query = """SELECT "ipAddress" FROM auth.session WHERE "userId" = %s ORDER BY "createdAt" DESC LIMIT 1"""
    with psycopg.connect(owner, prepare_threshold=None) as connection:
        row = connection.execute(query, [user]).fetchone()
    return str(row[0] or "") if row else ""


def remove(owner: str, user: str) -> None:
    with psycopg.connect(owner, prepare_threshold=None) as connection:
        connection.execute("""DELETE FROM auth."user" WHERE id = %s""", [user])
        connection.execute("""DELETE FROM auth."auditEvent" WHERE "subjectId" = %s""", [user])
