"""What both sides must agree on, by their settings alone."""

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import ValidationError

from notes_api.names import NAMES
from notes_api.settings import Settings as ApiSettings
from notes_api.settings import explain
from resource_server.doctor.agreement import algorithm_not_accepted, wrong_audience, wrong_issuer
from resource_server.doctor.finding import Finding, fault, warning
from resource_server.doctor.settings import examine_settings
from scripts.doctor.in_use import InUse

SUBJECT = "Both sides"
DEFAULT_HEADER = "x-client-ip"


def examine(use: InUse) -> list[Finding]:
    found = [*own_settings(use), *tokens(use), *key_set(use), *feed(use), *network(use), *others(use)]
    return found or [Finding(f"{SUBJECT} agree on issuer, audience, algorithm, feed and network")]


def unreadable(use: InUse) -> list[Finding]:
    """Addresses that can't be taken apart; with one of them nothing else can be said of the network."""
    sides = ((use.web, ("BETTER_AUTH_URL", "API_URL")), (use.api, ("AUTH_ISSUER", "AUTH_JWKS_URL", "IDP_URL")))
    return [
        fault(SUBJECT, "address_unreadable", f"{name} is no address", "write it as https://host or http://host:port")
        for values, names in sides
        for name in names
        if not is_readable(values.get(name, ""))
    ]


def is_readable(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def own_settings(use: InUse) -> Iterator[Finding]:
    """The API's own judgement of its settings, and that of a resource server's doctor."""
    try:
        ApiSettings.model_validate({name.lower(): value for name, value in use.api.items()})
    except ValidationError as error:
        yield fault("API's settings", "setting_refused", explain(error).removeprefix("configuration: "), "correct it")
    yield from examine_settings(use.api).findings


def tokens(use: InUse) -> Iterator[Finding]:
    issuer, audience = use.web.get("BETTER_AUTH_URL", ""), use.web.get("JWT_AUDIENCE", "")
    # One that the identity provider lacks is named by its own judgement.
    if issuer and issuer != use.api.get("AUTH_ISSUER", ""):
        yield wrong_issuer(use.api.get("AUTH_ISSUER", "not set"), issuer, NAMES)
    if audience and audience != use.api.get("AUTH_AUDIENCE", ""):
        yield wrong_audience(use.api.get("AUTH_AUDIENCE", "not set"), audience, NAMES)
    algorithm = use.web.get("JWT_ALGORITHM", "EdDSA")
    if algorithm not in use.api.get("AUTH_ALGORITHMS", "EdDSA,RS256").replace(" ", "").split(","):
        yield algorithm_not_accepted(algorithm, NAMES)


def key_set(use: InUse) -> Iterator[Finding]:
    address = use.api.get("AUTH_JWKS_URL", "")
    if not urlsplit(address).path.endswith("/api/auth/jwks"):
        problem = f"AUTH_JWKS_URL is {address or 'not set'}, which is not where Better Auth publishes its keys"
        yield fault(SUBJECT, "key_set_wrong", problem, f"set it to {use.web_url or 'BETTER_AUTH_URL'}/api/auth/jwks")


def feed(use: InUse) -> Iterator[Finding]:
    if use.api.get("REVOCATION_FEED") != "http":
        return
    accepted = {use.web.get("REVOCATION_FEED_TOKEN"), use.web.get("REVOCATION_FEED_TOKEN_PREVIOUS")} - {None}
    if not accepted:
        problem = "REVOCATION_FEED is http, but the identity provider has no REVOCATION_FEED_TOKEN: its feed is closed"
        yield fault(SUBJECT, "feed_credential", problem, "set the same REVOCATION_FEED_TOKEN on both sides")
    elif use.api.get("REVOCATION_FEED_TOKEN") not in accepted:
        problem = "REVOCATION_FEED_TOKEN is not the same on both sides: the API hears of no revocation"
        yield fault(SUBJECT, "feed_credential", problem, "set the same REVOCATION_FEED_TOKEN on both sides")


def network(use: InUse) -> Iterator[Finding]:
    """Whose word on a client's address counts. When it gets lost, all clients share one rate limit."""
    looks_in = use.web.get("CLIENT_IP_HEADER", DEFAULT_HEADER).lower()
    sent_in = use.api.get("CLIENT_IP_HEADER", DEFAULT_HEADER).lower()
    if looks_in != sent_in:
        problem = f"a client's address is put in {sent_in} by the API, and looked for in {looks_in}"
        yield fault(SUBJECT, "client_address_header", problem, f"set CLIENT_IP_HEADER of the API to {looks_in}")
    for address in addresses_of(urlsplit(use.api_url).hostname or ""):
        if not address.is_loopback and not is_trusted(address, use.web.get("TRUSTED_PROXIES", "")):
            problem = f"the identity provider does not trust the API at {address}: who signs in there shares a limit"
            remedy = f"add {address} to TRUSTED_PROXIES of the identity provider"
            yield warning(SUBJECT, "proxy_not_trusted", problem, remedy)


def others(use: InUse) -> Iterator[Finding]:
    origins = {origin.strip() for origin in use.web.get("TRUSTED_ORIGINS", "").split(",") if origin.strip()}
    lacking = origins - {origin.strip() for origin in use.api.get("CORS_ORIGINS", "").split(",")}
    for origin in sorted(lacking):
        problem = f"{origin} may use sessions (TRUSTED_ORIGINS), but its scripts can't call the API"
        yield warning(SUBJECT, "cors_missing", problem, f"add {origin} to CORS_ORIGINS of the API, if they should")
    if use.is_production and not use.web.get("SMTP_URL"):
        problem = "SMTP_URL is not set: nobody who forgot a password can set a new one"
        yield warning("Mail", "mail_missing", problem, "set SMTP_URL and MAIL_FROM of the identity provider")
    if use.is_production and use.web.get("RATE_LIMIT_STORAGE") == "memory":
        problem = "RATE_LIMIT_STORAGE is memory: each instance of the identity provider counts by itself"
        yield warning(SUBJECT, "rate_limits_apart", problem, "set it to database where there are several")


def addresses_of(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except OSError:
        return []
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def is_trusted(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: str) -> bool:
    entries = [entry.strip() for entry in networks.split(",") if entry.strip()]
    return any(address in ipaddress.ip_network(entry, strict=False) for entry in entries)
