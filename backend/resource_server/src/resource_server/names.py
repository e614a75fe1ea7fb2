"""What the operator of an application calls its settings and commands, for texts that name a remedy."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the texts of readiness and of the doctor name what has to be changed; by default, as in Python.

    ``issuer``, ``audience``, ``algorithms``, ``longest_life`` (of a token): the settings. ``audience_of_issuer``: the
    one on the other side. ``sources``: what leads to the revocations and to the keys. ``migrate``: installs, upgrades
    and repairs the feed in the database. ``grant``: lets ``{role}`` follow it. ``make_role``: makes that role and sets
    its password; None where the operator does. ``make_key``: makes the first signing key. ``retire``: withdraws the
    signing key ``{key}``.
    """

    issuer: str = "`issuer`"
    audience: str = "`audience`"
    algorithms: str = "`algorithms`"
    longest_life: str = "`max_token_life`"
    audience_of_issuer: str = "the identity provider's audience"
    sources: str = "the revocation feed and `jwks_url`"
    migrate: str = "run `npx better-auth-revocation migrate`"
    grant: str = "as the schema's owner, run what `npx better-auth-revocation grants --role {role}` prints"
    make_role: str | None = None
    make_key: str = "let the identity provider issue a token, for which it makes a key"
    retire: str = "run `npx better-auth-revocation keys retire {key}`"


IN_PYTHON: Final = Names()
VARIABLES: Final = Names(
    issuer="AUTH_ISSUER",
    audience="AUTH_AUDIENCE",
    algorithms="AUTH_ALGORITHMS",
    longest_life="AUTH_MAX_TOKEN_LIFE",
    sources="DATABASE_URL (or REVOCATION_FEED_URL) and AUTH_JWKS_URL",
)
"""For settings that are read from the environment, as the doctor does."""
