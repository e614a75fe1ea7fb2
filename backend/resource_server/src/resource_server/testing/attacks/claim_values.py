"""Attacks by claims of the right type and a wrong value, with a valid signature: identity, then time (RFC 7519, section
4.1)."""

from collections.abc import Callable

from resource_server.testing.attacks.sample import Attack, Forge, Sample, claiming
from resource_server.verification.rules import Rule

_NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "another": lambda _: "https://attacker.example",
    "trailing-slash": lambda value: value + "/",
    "trailing-space": lambda value: value + " ",
    "leading-space": lambda value: " " + value,
    "upper-case": str.upper,
    "prefix": lambda value: value[:-1],
    "longer": lambda value: value + ".attacker.example",
    "with-user": lambda value: value.replace("://", "://x@"),
    "with-path": lambda value: value + "/path",
    "with-query": lambda value: value + "?x",
    "other-scheme": lambda value: value.replace("https:", "ftp:").replace("http:", "ftp:"),
    "trailing-nul": lambda value: value + "\0",
    "look-alike": lambda value: value.replace("t", "\u0442"),
}
_BAD_IDENTIFIERS = {"empty": "", "too-long": "x" * 256, "nul": "user\0", "newline": "user\nadmin", "delete": "user\x7f"}
_BAD_SCOPES = {
    "two-spaces": "notes:read  notes:write",
    "leading-space": " notes:read",
    "trailing-space": "notes:read ",
    "tab": "notes:read\tnotes:write",
    "quote": 'notes:"read"',
    "backslash": "notes:\\read",
    "beyond-ascii": "notes:re\u00e4d",
    "newline": "notes:read\n",
}
_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
_CONFIRMATIONS: dict[str, object] = {
    "dpop": {"jkt": _THUMBPRINT},
    "mutual-tls": {"x5t#S256": _THUMBPRINT},
    "key": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": _THUMBPRINT}},
    "empty": {},
    "null": None,
    "text": "bearer",
}

_LIFE = 3_600


def _issuer(change: Callable[[str], str]) -> Forge:
    return lambda sample: sample.with_claims(iss=change(sample.policy.issuer))


def _audience(change: Callable[[str], str]) -> Forge:
    return lambda sample: sample.with_claims(aud=change(sample.policy.audience))


def _times(change: Callable[[Sample], dict[str, float]]) -> Forge:
    return lambda sample: sample.with_claims(**change(sample))


def _expired(seconds: float) -> Forge:
    """Expired for so many seconds beyond the leeway."""

    def change(sample: Sample) -> dict[str, float]:
        expires_at = sample.now - sample.policy.leeway - seconds
        return {"iat": expires_at - _LIFE, "exp": expires_at}

    return _times(change)


def _ahead(claim: str, seconds: float) -> Forge:
    """A claim that lies so many seconds beyond the leeway in the future."""

    def change(sample: Sample) -> dict[str, float]:
        begin = sample.now + sample.policy.leeway + seconds
        return {claim: begin, "exp": begin + _LIFE}

    return _times(change)


CLAIM_VALUE_ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"iss/{name}", Rule.ISSUER, "not the issuer", _issuer(change)) for name, change in _NEAR_MISSES.items()),
    *(
        Attack(
            f"aud/{name}",
            Rule.AUDIENCE,
            "not the audience",
            _audience(change),
        )
        for name, change in _NEAR_MISSES.items()
    ),
    Attack("aud/empty-list", Rule.AUDIENCE, "not the audience", claiming(aud=[])),
    Attack("aud/list-of-others", Rule.AUDIENCE, "not the audience", claiming(aud=["a", "b"])),
    Attack("aud/issuer", Rule.AUDIENCE, "meant for the issuer itself", lambda s: s.with_claims(aud=s.policy.issuer)),
    Attack("iss/audience", Rule.ISSUER, "issued by the audience", lambda s: s.with_claims(iss=s.policy.audience)),
    *(
        Attack(
            f"{claim}/{name}",
            Rule.CLAIM_VALUE,
            f"{claim} is not an identifier",
            claiming(**{claim: value}),
        )
        for claim in ("sub", "sid", "jti")
        for name, value in _BAD_IDENTIFIERS.items()
    ),
    *(
        Attack(f"scope/{name}", Rule.CLAIM_VALUE, "not a list of scopes", claiming(scope=value))
        for name, value in _BAD_SCOPES.items()
    ),
    Attack("exp/at-the-edge", Rule.EXPIRED, "expired in this second, the leeway included", _expired(0)),
    Attack("exp/a-second-ago", Rule.EXPIRED, "expired", _expired(1)),
    Attack("exp/a-fraction-ago", Rule.EXPIRED, "expired", _expired(0.5)),
    Attack("exp/a-year-ago", Rule.EXPIRED, "expired", _expired(31_536_000)),
    Attack("exp/in-1970", Rule.EXPIRED, "expired", _times(lambda _: {"iat": 0, "exp": _LIFE})),
    Attack("exp/at-zero", Rule.LIFETIME, "expires before it is issued", _times(lambda _: {"exp": 0})),
    Attack("exp/at-iat", Rule.LIFETIME, "no life at all", _times(lambda s: {"exp": s.now})),
    Attack("exp/before-iat", Rule.LIFETIME, "expires before it is issued", _times(lambda s: {"exp": s.now - 1})),
    Attack(
        "exp/in-milliseconds",
        Rule.CLAIM_TYPE,
        "milliseconds taken for seconds",
        _times(lambda s: {"exp": (s.now + 1) * 1_000}),
    ),
    Attack(
        "exp/a-second-too-far",
        Rule.LIFETIME,
        "lives longer than allowed",
        _times(lambda s: {"exp": s.now + s.policy.max_token_life + 1}),
    ),
    Attack("exp/in-2100", Rule.LIFETIME, "lives longer than allowed", _times(lambda _: {"exp": 4_102_444_800})),
    Attack("iat/in-1970", Rule.LIFETIME, "lives longer than allowed", _times(lambda _: {"iat": 0})),
    Attack("iat/a-day-ahead", Rule.ISSUED_AT, "issued in the future", _ahead("iat", 86_400)),
    *(
        Attack(f"cnf/{name}", Rule.CONFIRMATION, "bound to a key whose possession is not proved", claiming(cnf=value))
        for name, value in _CONFIRMATIONS.items()
    ),
    Attack("nbf/a-day-ahead", Rule.NOT_BEFORE, "not valid yet", _ahead("nbf", 86_400)),
)

# Refused in the second of the sample, but not a second later: for a server with a fake clock.
EDGE_ATTACKS: tuple[Attack, ...] = (
    Attack("iat/a-second-ahead", Rule.ISSUED_AT, "issued in the future", _ahead("iat", 1)),
    Attack("iat/a-fraction-ahead", Rule.ISSUED_AT, "issued in the future", _ahead("iat", 0.5)),
    Attack("nbf/a-second-ahead", Rule.NOT_BEFORE, "not valid yet", _ahead("nbf", 1)),
    Attack("nbf/a-fraction-ahead", Rule.NOT_BEFORE, "not valid yet", _ahead("nbf", 0.5)),
)
