"""What a resource server accepts, fixed when it is built."""

import math
from dataclasses import dataclass

SUPPORTED_ALGORITHMS = frozenset({"EdDSA", "Ed25519", "RS256", "PS256", "ES256"})
_EDDSA_NAMES = frozenset({"EdDSA", "Ed25519"})
_ALWAYS_REQUIRED = frozenset({"iss", "aud", "sub", "iat", "exp"})
_MAX_LEEWAY = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of verification that are configuration. Times are in seconds.

    ``algorithms``: the names accepted in ``alg``; ``EdDSA`` and its RFC 9864 name ``Ed25519`` stand for each other.
    ``leeway``: how far the issuer's clock may be off. ``max_token_life``: the ceiling on ``exp - iat``.
    ``required_claims``: claims that must be there besides iss, aud, sub, iat and exp.
    """

    issuer: str
    audience: str
    algorithms: frozenset[str] = frozenset({"EdDSA", "RS256"})
    leeway: float = 30.0
    max_token_life: float = 31 * 86_400.0
    max_token_size: int = 8_192
    required_claims: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience:
            raise ValueError("issuer and audience must not be empty")
        unsupported = self.algorithms - SUPPORTED_ALGORITHMS
        if unsupported or not self.algorithms:
            choice = ", ".join(sorted(SUPPORTED_ALGORITHMS))
            raise ValueError(f"algorithms must be one or more of {choice}; got {sorted(self.algorithms)}")
        if not 0 <= self.leeway <= _MAX_LEEWAY:
            raise ValueError(f"leeway must be between 0 and {_MAX_LEEWAY:.0f} seconds")
        if not (math.isfinite(self.max_token_life) and self.max_token_life > 0):
            raise ValueError("max_token_life must be a positive number of seconds")
        if self.max_token_size < 1:
            raise ValueError("max_token_size must be a positive number of characters")
        if self.algorithms & _EDDSA_NAMES:
            object.__setattr__(self, "algorithms", self.algorithms | _EDDSA_NAMES)
        object.__setattr__(self, "required_claims", self.required_claims | _ALWAYS_REQUIRED)
