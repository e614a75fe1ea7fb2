"""The privileges that a resource server's role needs in the identity provider's database, and no more."""

from typing import Final

FUNCTIONS: Final = (
    "revocation_page",
    "acknowledge_revocations",
    "missing_revocation_triggers",
    "revocation_origins",
)


def identifier(name: str) -> str:
    """The name, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def grants(role: str, schema: str = "auth") -> str:
    """The statement with which the schema's owner lets a role follow the feed in it."""
    own, reader = identifier(schema), identifier(role)
    functions = ", ".join(f"{own}.{name}" for name in FUNCTIONS)
    return (
        f"GRANT USAGE ON SCHEMA {own} TO {reader}; GRANT SELECT ON {own}.revocation TO {reader};"
        f" GRANT EXECUTE ON FUNCTION {functions} TO {reader};"
    )
