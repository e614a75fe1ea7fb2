"""Verification keys, read strictly from a JWK Set (RFC 7517, RFC 7518, RFC 8037)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from jwt.algorithms import Algorithm, get_default_algorithms

from resource_server.verification.encoding import decode_base64url
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.policy import Policy

MAX_KEYS = 64
_MAX_KEY_ID = 255
_RSA_BITS = range(2048, 8193)
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ALGORITHMS_BY_TYPE = {
    "OKP": frozenset({"EdDSA", "Ed25519"}),
    "EC": frozenset({"ES256"}),
    "RSA": frozenset({"RS256", "PS256"}),
}
_VERIFIERS = get_default_algorithms()
_VERIFIER_NAMES = {"Ed25519": "EdDSA"}


class UnusableKey(ValueError):
    """A key that is passed over; the message says why."""


class UnusableKeySet(ValueError):
    """A JWK Set without one usable key, or not a JWK Set at all."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One public key, pinned to its algorithm. Equal to another when the id, the algorithm and the material are."""

    key_id: str
    algorithms: frozenset[str]
    material: tuple[bytes, ...]
    _public_key: Any = field(compare=False, repr=False)
    _verifier: Algorithm = field(compare=False, repr=False)

    def verify(self, signing_input: bytes, signature: bytes) -> bool:
        """Whether the signature over the signing input was made with this key."""
        return self._verifier.verify(signing_input, self._public_key, signature)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys by ``kid``, and why each of the others was passed over."""

    keys: Mapping[str, VerificationKey]
    skipped: tuple[str, ...]


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if type(value) is not str or not value:
        raise UnusableKey(f"{name} is missing or not a string")
    return value


def _octets(jwk: Mapping[str, Any], name: str, length: int | None = None) -> bytes:
    try:
        value = decode_base64url(_text(jwk, name))
    except TokenInvalid:
        raise UnusableKey(f"{name} is not base64url") from None
    if length is not None and len(value) != length:
        raise UnusableKey(f"{name} is not of {length} octets")
    return value


def _material(jwk: Mapping[str, Any], key_type: str) -> tuple[tuple[bytes, ...], Any]:
    if key_type == "OKP":
        if jwk.get("crv") != "Ed25519":
            raise UnusableKey("the curve is not Ed25519")
        point = _octets(jwk, "x", 32)
        return (point,), Ed25519PublicKey.from_public_bytes(point)
    if key_type == "EC":
        if jwk.get("crv") != "P-256":
            raise UnusableKey("the curve is not P-256")
        x, y = _octets(jwk, "x", 32), _octets(jwk, "y", 32)
        numbers = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
        return (x, y), numbers.public_key()
    modulus, exponent = _octets(jwk, "n"), _octets(jwk, "e")
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if n.bit_length() not in _RSA_BITS:
        raise UnusableKey(f"an RSA key of {n.bit_length()} bits; {_RSA_BITS[0]} to {_RSA_BITS[-1]} are accepted")
    return (modulus, exponent), RSAPublicNumbers(e, n).public_key()


def _pinned_algorithms(jwk: Mapping[str, Any], key_type: str, policy: Policy) -> frozenset[str]:
    possible = _ALGORITHMS_BY_TYPE[key_type]
    if "alg" in jwk:
        alg = _text(jwk, "alg")
        if alg not in possible:
            raise UnusableKey("alg does not fit the type of the key")
        possible = possible if key_type == "OKP" else frozenset({alg})
    pinned = possible & policy.algorithms
    if not pinned:
        raise UnusableKey("alg is not one of the configured algorithms")
    if len(pinned) > 1 and key_type == "RSA":
        raise UnusableKey("alg is missing, and more than one of the configured algorithms would fit")
    return pinned


def _check_use(jwk: Mapping[str, Any]) -> None:
    if "use" in jwk and jwk["use"] != "sig":
        raise UnusableKey("use is not sig")
    if "key_ops" in jwk and (type(jwk["key_ops"]) is not list or "verify" not in jwk["key_ops"]):
        raise UnusableKey("key_ops does not hold verify")


def parse_key(jwk: object, policy: Policy) -> VerificationKey:
    """Read one JWK; raises UnusableKey."""
    if type(jwk) is not dict:
        raise UnusableKey("not a JSON object")
    key_id = _text(jwk, "kid")
    if len(key_id) > _MAX_KEY_ID:
        raise UnusableKey("kid is too long")
    key_type = _text(jwk, "kty")
    if key_type not in _ALGORITHMS_BY_TYPE:
        raise UnusableKey("kty is not OKP, EC or RSA")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise UnusableKey("private members are published: the key is compromised")
    _check_use(jwk)
    algorithms = _pinned_algorithms(jwk, key_type, policy)
    try:
        material, public_key = _material(jwk, key_type)
    except (UnsupportedAlgorithm, ValueError) as error:
        raise UnusableKey(str(error) or "the key is not valid") from None
    verifier = _VERIFIERS[_VERIFIER_NAMES.get(min(algorithms), min(algorithms))]
    return VerificationKey(key_id, algorithms, material, public_key, verifier)


def parse_key_set(document: Mapping[str, Any], policy: Policy, known: Mapping[str, VerificationKey]) -> KeySet:
    """Read a JWK Set; raises UnusableKeySet. A key that is among the ``known`` stays the same object."""
    members = document.get("keys")
    if type(members) is not list:
        raise UnusableKeySet("the answer is not a JWK Set")
    if len(members) > MAX_KEYS:
        raise UnusableKeySet(f"the key set has more than {MAX_KEYS} keys")
    keys: dict[str, VerificationKey] = {}
    skipped: list[str] = []
    for index, member in enumerate(members):
        try:
            key = parse_key(member, policy)
        except UnusableKey as error:
            skipped.append(f"key {index}: {error}")
            continue
        if key.key_id in keys:
            skipped.append(f"key {index}: kid is not unique in the set; the first key with it is used")
            continue
        held = known.get(key.key_id)
        keys[key.key_id] = held if held is not None and held == key else key
    if not keys:
        raise UnusableKeySet("the key set has no usable key" + "".join(f"; {reason}" for reason in skipped[:4]))
    return KeySet(keys, tuple(skipped))
