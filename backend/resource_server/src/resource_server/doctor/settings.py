"""The settings of a resource server from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from resource_server.doctor.finding import Finding, fault, warning
from resource_server.settings import ResourceServerSettings

SUBJECT = "Settings"
SHORTEST_COMFORTABLE_STALENESS = 10.0
SECRETS = (
    "REVOCATION_FEED_TOKEN",
    "NATS_PASSWORD",
    "MANAGEMENT_TOKEN",
    "API_MANAGEMENT_TOKEN",
    "BETTER_AUTH_SECRET",
    "LAB_CREDENTIAL",
)
ADDRESSES = ("DATABASE_URL", "DATABASE_URL_UNPOOLED", "DATABASE_URL_OWNER", "API_DATABASE_URL", "SMTP_URL")
REQUIRED = ("AUTH_ISSUER", "AUTH_AUDIENCE")


@dataclass(frozen=True)
class Examined:
    """``settings`` is None when they can't be used; then ``findings`` says why."""

    settings: ResourceServerSettings | None
    findings: list[Finding]


def examine_settings(values: Mapping[str, str]) -> Examined:
    """What the values alone say. ``AUTH_JWKS_URL`` defaults to Better Auth's address under the issuer."""
    missing = [
        fault(SUBJECT, "setting_missing", f"{name} is not set", "set it to the identity provider's own value")
        for name in REQUIRED
        if not values.get(name)
    ]
    if missing:
        return Examined(None, missing)
    issuer = values["AUTH_ISSUER"]
    algorithms = [name.strip() for name in values.get("AUTH_ALGORITHMS", "EdDSA,RS256").split(",")]
    try:
        settings = ResourceServerSettings(
            issuer=issuer,
            audience=values["AUTH_AUDIENCE"],
            jwks_url=values.get("AUTH_JWKS_URL") or f"{issuer.rstrip('/')}/api/auth/jwks",
            algorithms=list(filter(None, algorithms)),
            leeway=float(values.get("AUTH_LEEWAY") or 30),
            max_token_life=float(values.get("AUTH_MAX_TOKEN_LIFE") or 31 * 86_400),
            max_revocation_staleness=float(values.get("AUTH_REVOCATION_MAX_STALENESS") or 60),
        )
    except ValueError as error:
        return Examined(None, [fault(SUBJECT, "setting_refused", str(error), "correct it")])
    return Examined(settings, [*staleness(settings), *feed_is_on(values), *nats_is_used(values)])


def staleness(settings: ResourceServerSettings) -> list[Finding]:
    bound = settings.max_revocation_staleness
    if bound == 0 or bound >= SHORTEST_COMFORTABLE_STALENESS:
        return []
    problem = f"AUTH_REVOCATION_MAX_STALENESS is {bound:g} s: a short break of the network is answered with 503"
    remedy = f"set it to {SHORTEST_COMFORTABLE_STALENESS:g} or more (60 by default)"
    if bound < 3:
        return [fault(SUBJECT, "staleness_too_low", problem, remedy)]
    return [warning(SUBJECT, "staleness_too_low", problem, remedy)]


def feed_is_on(values: Mapping[str, str]) -> list[Finding]:
    if values.get("REVOCATION_FEED") != "off":
        return []
    problem = "REVOCATION_FEED is off: a revoked token is accepted until it expires"
    return [fault(SUBJECT, "feed_off", problem, "set it to postgres, http or nats")]


def nats_is_used(values: Mapping[str, str]) -> list[Finding]:
    kind = values.get("REVOCATION_FEED") or "postgres"
    if not values.get("NATS_URL") or kind == "nats":
        return []
    problem = f"NATS_URL is set, but REVOCATION_FEED is {kind}: the revocations on NATS are not followed"
    return [warning(SUBJECT, "transport_not_chosen", problem, "set REVOCATION_FEED to nats, or remove NATS_URL")]


def secrets_in(values: Mapping[str, str]) -> set[str]:
    """What must not show in a report: credentials, and the passwords in addresses."""
    found = {values[name] for name in SECRETS if values.get(name)}
    for name in ADDRESSES:
        try:
            password = urlsplit(values.get(name, "")).password
        except ValueError:
            password = values[name]
        if password:
            found |= {password, unquote(password)}
    return found
