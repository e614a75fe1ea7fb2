"""What the operator of this service calls its settings and commands."""

from resource_server import Names

MIGRATE = "run `make migrate`"
NAMES = Names(
    issuer="AUTH_ISSUER",
    audience="AUTH_AUDIENCE",
    algorithms="AUTH_ALGORITHMS",
    longest_life="AUTH_MAX_TOKEN_LIFE",
    audience_of_issuer="the identity provider's audience (JWT_AUDIENCE)",
    sources="DATABASE_URL (or REVOCATION_FEED_URL) and AUTH_JWKS_URL",
    migrate=MIGRATE,
    grant=MIGRATE,
    make_role="run `make migrate`, which makes the API's role with that password",
    make_key=MIGRATE,
    retire='run `make keys CMD="retire {key}"`',
)
