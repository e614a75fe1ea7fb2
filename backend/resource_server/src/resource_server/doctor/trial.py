"""One token from end to end: accepted by an application, revoked, and refused there, with the time that it took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from resource_server.doctor.agreement import wrong_audience, wrong_issuer
from resource_server.doctor.finding import Finding, fault
from resource_server.names import VARIABLES, Names
from resource_server.server import ResourceServer
from resource_server.verification.encoding import decode_base64url, decode_json_object
from resource_server.verification.errors import AuthenticationError, TokenInvalid
from resource_server.verification.rules import Rule

if TYPE_CHECKING:
    import httpx

    from resource_server.settings import ResourceServerSettings

SUBJECT: Final = "Throw-away token"
PATIENCE: Final = 10.0
PAUSE: Final = 0.002
REMEDIES: Final = {
    Rule.ALGORITHM: ("algorithm_not_accepted", "add its algorithm to AUTH_ALGORITHMS"),
    Rule.UNKNOWN_KEY: ("key_set_of_another", "let AUTH_JWKS_URL name the key set of the identity provider that issues"),
    Rule.SIGNATURE: ("key_set_of_another", "let AUTH_JWKS_URL name the key set of the identity provider that issues"),
    Rule.ISSUED_AT: ("clock_behind", "synchronise the clocks of both machines (NTP), or raise AUTH_LEEWAY"),
    Rule.NOT_BEFORE: ("clock_behind", "synchronise the clocks of both machines (NTP), or raise AUTH_LEEWAY"),
    Rule.EXPIRED: ("clock_ahead", "synchronise the clocks of both machines (NTP)"),
    Rule.LIFETIME: ("lifetime", "raise AUTH_MAX_TOKEN_LIFE to the life of the identity provider's tokens"),
}


async def verify(
    settings: ResourceServerSettings, client: httpx.AsyncClient, token: str, names: Names = VARIABLES
) -> Finding:
    """Whether a resource server with these settings accepts the token; if not, what would have to change."""
    async with ResourceServer(settings, client=client) as server:
        try:
            await server.authenticate(token)
        except AuthenticationError as error:
            return explain(settings, token, error, names)
    return Finding(f"{SUBJECT}: signature, issuer, audience and times are good")


def explain(settings: ResourceServerSettings, token: str, error: AuthenticationError, names: Names) -> Finding:
    """The setting behind a refusal."""
    claims = claims_of(token)
    if error.rule is Rule.ISSUER:
        return wrong_issuer(settings.issuer, str(claims.get("iss")), names)
    if error.rule is Rule.AUDIENCE:
        return wrong_audience(settings.audience, str(claims.get("aud")), names)
    fallback = (error.code, "see the examination of the key set")
    code, remedy = REMEDIES.get(error.rule, fallback) if error.rule else fallback
    return fault(SUBJECT, code, f"it is refused: {error.reason}", remedy)


def claims_of(token: str) -> dict[str, object]:
    """The unverified claims, for messages. Empty for what is not a token."""
    parts = token.split(".")
    try:
        return decode_json_object(decode_base64url(parts[1]), "claims") if len(parts) == 3 else {}
    except TokenInvalid:
        return {}


async def accepted_and_refused(
    client: httpx.AsyncClient, address: str, token: str, revoke: Callable[[], Awaitable[object]]
) -> list[Finding]:
    """Ask an application with the token, revoke it, and ask until it is refused. Times in milliseconds."""
    headers = {"Authorization": f"Bearer {token}"}
    before = await client.get(address, headers=headers)
    if before.status_code != HTTPStatus.OK:
        return [not_accepted(address, before)]
    found = [Finding(f"{SUBJECT}: {address} accepts it")]
    started = time.perf_counter()
    await revoke()
    answered = time.perf_counter()
    while (after := await client.get(address, headers=headers)).status_code == HTTPStatus.OK:
        if time.perf_counter() - answered > PATIENCE:
            problem = f"{address} still accepts it {PATIENCE:g} s after it was revoked"
            remedy = "look at the findings on the feed and on the database: revocations do not reach the API"
            return [*found, fault(SUBJECT, "not_revoked", problem, remedy)]
        await asyncio.sleep(PAUSE)
    refused = time.perf_counter()
    if code_of(after) != "token_revoked":
        return [*found, not_accepted(address, after)]
    took = f"revoking took {(answered - started) * 1000:.0f} ms, refused {(refused - answered) * 1000:.0f} ms after"
    return [*found, Finding(f"{SUBJECT}: revoked and refused there; {took}")]


def not_accepted(address: str, answer: httpx.Response) -> Finding:
    problem = f"{address} answers {answer.status_code} {code_of(answer)}".rstrip()
    remedies = {
        "token_invalid": "the API runs with other settings than these: restart it, then look at its log",
        "token_revoked": "the API holds a revocation of a token that was just issued: look at the versions of users",
        "revocation_stale": "the API does not hear of revocations: see the findings on the feed",
        "keys_unavailable": "the API can't get the issuer's keys: see the findings on the key set",
    }
    remedy = remedies.get(code_of(answer), "look at the API's log under its X-Request-ID")
    return fault(SUBJECT, "not_accepted", problem, remedy)


def code_of(answer: httpx.Response) -> str:
    """The code in a problem body, if it is one."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""
