"""Signing keys of a fake issuer, and compact JWS built from their parts, so that a test can build invalid ones too."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

AlgorithmName = Literal["EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]

_CURVES: dict[str, ec.EllipticCurve] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_SIGNERS = get_default_algorithms()


def encode_base64url(data: bytes) -> str:
    """Encode as unpadded base64url (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_json(value: object) -> bytes:
    """Encode as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass(frozen=True)
class SigningKey:
    """A private key with its id and algorithm."""

    key_id: str
    algorithm: AlgorithmName
    private_key: Any

    @classmethod
    def generate(cls, key_id: str, algorithm: AlgorithmName = "EdDSA") -> "SigningKey":
        """Make a new key."""
        if algorithm == "EdDSA":
            return cls(key_id, algorithm, ed25519.Ed25519PrivateKey.generate())
        if algorithm in _CURVES:
            return cls(key_id, algorithm, ec.generate_private_key(_CURVES[algorithm]))
        return cls(key_id, algorithm, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public key as a JWK (RFC 7517)."""
        public_key = self.private_key.public_key()
        jwk = dict(_SIGNERS[self.algorithm].to_jwk(public_key, as_dict=True))
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            # RFC 7518, section 6.2.1: of the curve's full size, which PyJWT before 2.10 gets wrong.
            size, numbers = (public_key.key_size + 7) // 8, public_key.public_numbers()
            jwk |= {name: encode_base64url(getattr(numbers, name).to_bytes(size)) for name in ("x", "y")}
        jwk.pop("key_ops", None)
        return jwk | {"kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    def signature(self, signing_input: bytes) -> bytes:
        """Sign by the key's algorithm."""
        signature: bytes = _SIGNERS[self.algorithm].sign(signing_input, self.private_key)
        return signature

    def sign(self, header: bytes, payload: bytes) -> str:
        """Build a compact JWS (RFC 7515, section 7.1) from any octets as header and payload."""
        signing_input = f"{encode_base64url(header)}.{encode_base64url(payload)}"
        return f"{signing_input}.{encode_base64url(self.signature(signing_input.encode()))}"

    def token(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
        """Build a JWT; ``header`` replaces the usual one of ``alg`` and ``kid``."""
        header = {"alg": self.algorithm, "kid": self.key_id} if header is None else header
        return self.sign(encode_json(header), encode_json(claims))
