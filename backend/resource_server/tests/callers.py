"""Callers as verification returns them, for tests of a list of revocations."""

from resource_server.verification.principal import Principal


def caller(
    subject: str = "user-1", session_id: str | None = None, version: int | None = None, **claims: object
) -> Principal:
    """The caller of a token with these claims."""
    known = {"iss": "https://idp.test", "sub": subject, "sid": session_id, "ver": version, "iat": 1_800_000_000}
    present = {name: value for name, value in (known | claims).items() if value is not None}
    return Principal.from_claims({"exp": 1_900_000_000} | present)
