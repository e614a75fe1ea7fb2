"""Attacks by claims that are missing or of a wrong type, with a valid signature (RFC 7519, section 4.1)."""

from resource_server.testing.attacks.sample import Attack, Forge, claiming, omitting
from resource_server.testing.signing import encode_json
from resource_server.verification.rules import Rule

_REQUIRED = ("iss", "aud", "sub", "iat", "exp")
_STRING: dict[str, object] = {"null": None, "number": 1, "boolean": True, "list": ["x"], "object": {"x": "x"}}
_DATE: dict[str, object] = {
    "null": None,
    "string": "1800000000",
    "boolean": True,
    "list": [1_800_000_000],
    "object": {"x": 1},
    "negative": -1,
    "beyond-year-9999": 253_402_300_800,
    "beyond-64-bits": 2**80,
    "beyond-floats": 10**400,
}
_WRONG: dict[str, dict[str, object]] = {
    "iss": _STRING,
    "aud": {
        "null": None,
        "number": 1,
        "boolean": True,
        "object": {"x": "x"},
        "list-of-numbers": [1],
        "nested-list": [["x"]],
    },
    "sub": _STRING,
    "iat": _DATE,
    "exp": _DATE,
    "nbf": _DATE,
    "jti": {"null": None, "number": 1, "list": ["x"]},
    "sid": {"null": None, "number": 1, "boolean": True, "list": ["x"], "object": {"x": "x"}},
    "ver": {"null": None, "string": "1", "boolean": True, "fraction": 1.5, "negative": -1, "list": [1]},
    "scope": {"null": None, "number": 1, "list": ["notes:read"], "object": {"notes:read": True}},
    "roles": {
        "null": None,
        "string": "admin",
        "number": 1,
        "object": {"admin": True},
        "list-of-numbers": [1],
        "list-with-null": ["user", None],
    },
    "email": {"null": None, "number": 1, "list": ["a@example.com"]},
    "email_verified": {"null": None, "string": "true", "number": 1},
    "name": {"null": None, "number": 1, "object": {"first": "x"}},
}


def _infinite(claim: str) -> Forge:
    """A number that JSON can express and no float can hold."""
    return lambda sample: sample.with_payload(encode_json({**sample.claims, claim: "@"}).replace(b'"@"', b"1e999"))


CLAIM_TYPE_ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"{claim}/missing", Rule.CLAIM_MISSING, f"{claim} is required", omitting(claim)) for claim in _REQUIRED),
    *(
        Attack(
            f"{claim}/{name}",
            Rule.CLAIM_TYPE,
            f"{claim} is not of its type",
            claiming(**{claim: value}),
        )
        for claim, wrong in _WRONG.items()
        for name, value in wrong.items()
    ),
    *(
        Attack(f"{claim}/infinite", Rule.JSON, f"{claim} is not finite", _infinite(claim))
        for claim in ("iat", "exp", "nbf")
    ),
)
