"""Whether the issuer's keys can be fetched, and whether they and its tokens match the settings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from resource_server.announced import NOTHING_ANNOUNCED, Announcement, clock_offset
from resource_server.doctor.agreement import accepts, algorithm_not_accepted, disagreements
from resource_server.doctor.finding import Finding, fault, warning
from resource_server.jwks.source import FetchFailed, fetch
from resource_server.names import VARIABLES, Names
from resource_server.verification.encoding import decode_json_object
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import UnusableKeySet, parse_key_set

if TYPE_CHECKING:
    import httpx

    from resource_server.settings import ResourceServerSettings

SUBJECT = "Key set"
ALGORITHMS = {"OKP": "EdDSA", "EC": "ES256", "RSA": "RS256"}


async def examine_key_set(
    settings: ResourceServerSettings, client: httpx.AsyncClient, names: Names = VARIABLES
) -> tuple[list[Finding], Announcement]:
    """The findings, and what the issuer says about its tokens. ``settings.jwks_url`` must be set."""
    address = settings.jwks_url or ""
    try:
        answer = await fetch(client, address, None, settings.fetch_timeout)
    except FetchFailed as failure:
        return [unavailable(address, failure)], NOTHING_ANNOUNCED
    try:
        document = decode_json_object(answer.body or b"", "key set")
        key_set = parse_key_set(document, settings.policy, {})
    except (TokenInvalid, UnusableKeySet) as error:
        return [not_a_key_set(address, str(error))], answer.announced
    found = examine_keys(settings, document, answer.announced, names)
    if not key_set.keys and not found:
        reasons = "; ".join(key_set.skipped[:4]) or "it is empty"
        found = [fault(SUBJECT, "no_usable_key", f"{address} has no usable key: {reasons}", names.make_key)]
    disagreeing = disagreements(settings, answer.announced, names)
    known = {finding.code for finding in found}
    found += [finding for finding in disagreeing if finding.code not in known]
    return found or [Finding(f"Key set of {len(key_set.keys)} at {address}")], answer.announced


def examine_keys(
    settings: ResourceServerSettings, document: Mapping[str, Any], announced: Announcement, names: Names
) -> list[Finding]:
    """The keys whose algorithm is not accepted, or no longer signs."""
    members = [jwk for jwk in document.get("keys", ()) if isinstance(jwk, dict)]
    algorithms = {str(jwk.get("kid", "")): algorithm_of(jwk) for jwk in members}
    refused = {kid: name for kid, name in algorithms.items() if not accepts(settings, name)}
    if refused and len(refused) == len(algorithms):
        return [algorithm_not_accepted(min(refused.values()), names)]
    found = [
        fault(
            SUBJECT,
            "other_algorithm_key",
            f"key {kid} is for {name}, which {names.algorithms} does not accept: its tokens are refused",
            f"add {name} to {names.algorithms} until they have expired, or {names.retire.format(key=kid)}",
        )
        for kid, name in refused.items()
    ]
    signs = announced.algorithm
    return found + [
        warning(
            SUBJECT,
            "former_algorithm_key",
            f"key {kid} of another algorithm is left: it is for {name}, while {signs} signs now",
            f"when its tokens have expired, {names.retire.format(key=kid)}",
        )
        for kid, name in algorithms.items()
        if signs is not None and name != signs and kid not in refused
    ]


def algorithm_of(jwk: Mapping[str, Any]) -> str:
    return str(jwk.get("alg") or ALGORITHMS.get(str(jwk.get("kty")), jwk.get("kty")))


def unavailable(address: str, failure: FetchFailed) -> Finding:
    url = urlsplit(address)
    if failure.outcome == "status":
        return not_a_key_set(address, str(failure))
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):
        return fault(
            SUBJECT,
            "key_set_certificate",
            f"the certificate of {url.netloc} is not trusted here",
            "use one of a public authority, or name your own in SSL_CERT_FILE",
        )
    return fault(
        SUBJECT,
        "key_set_unreachable",
        f"{url.netloc} (AUTH_JWKS_URL) does not answer: {failure}",
        "start the identity provider, or correct host and port of AUTH_JWKS_URL",
    )


def not_a_key_set(address: str, reason: str) -> Finding:
    url = urlsplit(address)
    return fault(
        SUBJECT,
        "key_set_wrong",
        f"{address} (AUTH_JWKS_URL) gives no key set: {reason}",
        f"correct its path: Better Auth publishes its keys at {url.scheme}://{url.netloc}/api/auth/jwks",
    )


async def date_offset(client: httpx.AsyncClient, address: str) -> float | None:
    """By how many seconds a server's clock is ahead of this machine's, if it answers and says so."""
    answer = await client.get(address)
    return clock_offset(answer.headers, time.time())
