"""What a resource server accepts, fixed when it is built."""

from dataclasses import dataclass, field
from typing import Final

from resource_server.verification.checks import (
    check_count,
    check_names,
    check_positive_seconds,
    check_seconds,
    check_text,
)
from resource_server.verification.profile import PLAIN, TokenProfile

SUPPORTED_ALGORITHMS: Final = frozenset(
    {"EdDSA", "Ed25519", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
)
DEFAULT_ALGORITHMS: Final = ("EdDSA", "RS256")
DEFAULT_LEEWAY: Final = 30.0
DEFAULT_MAX_TOKEN_LIFE: Final = 31 * 86_400.0
DEFAULT_MAX_TOKEN_SIZE: Final = 8_192
_EDDSA_NAMES: Final = frozenset({"EdDSA", "Ed25519"})
_ALWAYS_REQUIRED: Final = frozenset({"iss", "sub", "iat", "exp"})
_MAX_LEEWAY: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of verification that are configuration. Times are in seconds.

    ``algorithms``: the names accepted in ``alg``; ``EdDSA`` and its RFC 9864 name ``Ed25519`` stand for each other.
    ``leeway``: how far the issuer's clock may be off. ``max_token_life``: the ceiling on ``exp - iat``.
    ``other_audiences``: accepted besides ``audience``. ``profile``: what the issuer's access tokens look like.
    ``required_claims``: claims that must be there besides iss, aud, sub, iat and exp.
    """

    issuer: str
    audience: str
    algorithms: frozenset[str] = frozenset(DEFAULT_ALGORITHMS)
    leeway: float = DEFAULT_LEEWAY
    max_token_life: float = DEFAULT_MAX_TOKEN_LIFE
    max_token_size: int = DEFAULT_MAX_TOKEN_SIZE
    required_claims: frozenset[str] = frozenset()
    other_audiences: frozenset[str] = frozenset()
    profile: TokenProfile = PLAIN
    is_plain: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_text("issuer", self.issuer)
        check_text("audience", self.audience)
        check_names("algorithms", self.algorithms)
        check_names("required_claims", self.required_claims)
        check_names("other_audiences", self.other_audiences)
        unsupported = self.algorithms - SUPPORTED_ALGORITHMS
        if unsupported or not self.algorithms:
            choice = ", ".join(sorted(SUPPORTED_ALGORITHMS))
            raise ValueError(f"algorithms must be one or more of {choice}; got {sorted(self.algorithms)}")
        check_seconds("leeway", self.leeway, _MAX_LEEWAY)
        check_positive_seconds("max_token_life", self.max_token_life)
        check_count("max_token_size", self.max_token_size)
        if self.algorithms & _EDDSA_NAMES:
            object.__setattr__(self, "algorithms", self.algorithms | _EDDSA_NAMES)
        audience = {self.profile.audience} if self.profile.audience else set()
        object.__setattr__(self, "required_claims", self.required_claims | _ALWAYS_REQUIRED | audience)
        object.__setattr__(self, "is_plain", self.profile == PLAIN)
