"""What an attack starts from, and how one is described."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from resource_server.testing.signing import SigningKey, encode_base64url, encode_json
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule


@dataclass(frozen=True)
class Sample:
    """The claims of a valid token with its key. ``other_key`` is published too, and has another algorithm. ``stranger``
    has the algorithm and the id of ``key``, and is not published.
    """

    claims: Mapping[str, Any]
    key: SigningKey
    other_key: SigningKey
    policy: Policy
    now: int
    stranger: SigningKey = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stranger", SigningKey.generate(self.key.key_id, self.key.algorithm))

    @property
    def header(self) -> dict[str, Any]:
        """The header of the valid token."""
        return {"alg": self.key.algorithm, "kid": self.key.key_id}

    @property
    def token(self) -> str:
        """The valid token itself."""
        return self.key.token(self.claims)

    @property
    def parts(self) -> tuple[str, str, str]:
        """The valid token's header, payload and signature, in base64url."""
        header, payload, signature = self.token.split(".")
        return header, payload, signature

    def with_header(self, **members: object) -> str:
        """Signed well, with these members of the header added or replaced."""
        return self.key.token(self.claims, self.header | members)

    def with_claims(self, **claims: object) -> str:
        """Signed well, with these claims added or replaced."""
        return self.key.token({**self.claims, **claims})

    def without(self, claim: str) -> str:
        """Signed well, without the claim."""
        return self.key.token({name: value for name, value in self.claims.items() if name != claim})

    def with_payload(self, payload: bytes) -> str:
        """Signed well, with these octets as payload."""
        return self.key.sign(encode_json(self.header), payload)

    def with_header_octets(self, header: bytes) -> str:
        """Signed well, with these octets as header."""
        return self.key.sign(header, encode_json(self.claims))

    def with_signature(self, signature: bytes) -> str:
        """The valid token with another signature."""
        header, payload, _ = self.parts
        return f"{header}.{payload}.{encode_base64url(signature)}"


Forge = Callable[[Sample], str]


def claiming(**claims: object) -> Forge:
    """Forge by these claims, signed well."""
    return lambda sample: sample.with_claims(**claims)


def omitting(claim: str) -> Forge:
    """Forge by leaving the claim out, signed well."""
    return lambda sample: sample.without(claim)


@dataclass(frozen=True)
class Attack:
    """An invalid token: the rule that it breaks, why it must be refused, and how it is made from a sample."""

    id: str
    rule: Rule
    reason: str
    forge: Forge = field(repr=False)

    @property
    def code(self) -> str:
        """The code of the refusal."""
        return "token_expired" if self.rule is Rule.EXPIRED else "token_invalid"

    def __str__(self) -> str:
        return self.id
