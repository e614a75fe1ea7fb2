"""The configuration of a resource server."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from resource_server.addresses import check_address
from resource_server.verification.checks import (
    check_count,
    check_names,
    check_positive_seconds,
    check_seconds,
    check_text,
)
from resource_server.verification.policy import (
    DEFAULT_ALGORITHMS,
    DEFAULT_LEEWAY,
    DEFAULT_MAX_TOKEN_LIFE,
    DEFAULT_MAX_TOKEN_SIZE,
    Policy,
)
from resource_server.verification.profile import PLAIN, TokenProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceServerSettings:
    """Everything that can be set. Times are in seconds; an unsafe value raises ValueError.

    ``jwks_url``: where the issuer's JWK Set is; https, except on loopback. None finds it by the issuer's metadata
    (OpenID Connect Discovery, RFC 8414), for which ``issuer`` must be such an address too.
    ``other_audiences``: accepted besides ``audience``.
    ``profile``: what the issuer's access tokens look like; ``resource_server.issuers`` has those of well-known issuers.
    ``required_claims``: besides iss, aud, sub, iat and exp; sid and ver are added when revocations are in use.
    ``accept_stock_tokens``: where revocations are in use, tokens without sid and ver, which Better Auth's ``jwt``
    plugin issued before, are accepted until they expire. No sign-out, ban or new password revokes them.
    ``token_cache_size``: how many verified tokens are remembered, at about 1 kB each.
    ``refusal_cache_size``: how many refused ones are, of those that cost a signature check.
    ``fetch_timeout``: for one fetch of the key set as a whole.
    ``max_key_set_age``: for how long the last good key set is used when the issuer can't be reached.
    ``key_set_snapshot``: a file that keeps the last good key set over a restart; None keeps none.
    ``max_revocation_staleness``: refuse when the revocations are older; 0 asks for the latest on every request.
    """

    issuer: str
    audience: str
    jwks_url: str | None = None
    other_audiences: Collection[str] = ()
    profile: TokenProfile = PLAIN
    algorithms: Collection[str] = DEFAULT_ALGORITHMS
    leeway: float = DEFAULT_LEEWAY
    max_token_life: float = DEFAULT_MAX_TOKEN_LIFE
    max_token_size: int = DEFAULT_MAX_TOKEN_SIZE
    required_claims: Collection[str] = ()
    accept_stock_tokens: bool = False
    token_cache_size: int = 100_000
    refusal_cache_size: int = 10_000
    fetch_timeout: float = 2.0
    max_key_set_age: float = 86_400.0
    key_set_snapshot: Path | None = None
    max_revocation_staleness: float = 60.0
    policy: Policy = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.jwks_url is None:
            self._check_discovery()
        else:
            check_text("jwks_url", self.jwks_url)
            check_address("jwks_url", self.jwks_url, "whoever alters the keys can mint tokens")
        if self.accept_stock_tokens is not True and self.accept_stock_tokens is not False:
            raise ValueError("accept_stock_tokens must be True or False")
        check_count("token_cache_size", self.token_cache_size)
        check_count("refusal_cache_size", self.refusal_cache_size)
        check_positive_seconds("fetch_timeout", self.fetch_timeout)
        check_positive_seconds("max_key_set_age", self.max_key_set_age)
        check_seconds("max_revocation_staleness", self.max_revocation_staleness)
        if self.key_set_snapshot is not None and not isinstance(self.key_set_snapshot, Path):
            raise ValueError("key_set_snapshot must be a pathlib.Path or None")
        check_names("algorithms", self.algorithms)
        check_names("required_claims", self.required_claims)
        check_names("other_audiences", self.other_audiences)
        policy = Policy(
            issuer=self.issuer,
            audience=self.audience,
            other_audiences=frozenset(self.other_audiences),
            profile=self.profile,
            algorithms=frozenset(self.algorithms),
            leeway=self.leeway,
            max_token_life=self.max_token_life,
            max_token_size=self.max_token_size,
            required_claims=frozenset(self.required_claims),
        )
        object.__setattr__(self, "policy", policy)

    def _check_discovery(self) -> None:
        check_text("issuer", self.issuer)
        try:
            check_address("issuer", self.issuer, "whoever alters its metadata can name other keys")
        except ValueError as error:
            raise ValueError(f"without jwks_url, {error}") from None
        if "?" in self.issuer:
            raise ValueError("without jwks_url, issuer must be an address without query")
