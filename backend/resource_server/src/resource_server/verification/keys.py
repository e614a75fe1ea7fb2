"""Verification keys, read strictly from a JWK Set (RFC 7517, RFC 7518, RFC 8037)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from jwt.algorithms import Algorithm, get_default_algorithms

from resource_server.verification.encoding import decode_base64url
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.policy import Policy

MAX_KEYS: Final = 64
NO_KEY_ID: Final = ""
"""Stands for a ``kid`` that is absent; a ``kid`` is never empty."""
_MAX_KEY_ID: Final = 255
_RSA_BITS: Final = range(2048, 8193)
_MAX_RSA_EXPONENT_OCTETS: Final = 8
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_EDDSA: Final = frozenset({"EdDSA", "Ed25519"})
_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES: Final[Mapping[str, tuple[EllipticCurve, int, frozenset[str]]]] = {
    "P-256": (SECP256R1(), 32, frozenset({"ES256"})),
    "P-384": (SECP384R1(), 48, frozenset({"ES384"})),
    "P-521": (SECP521R1(), 66, frozenset({"ES512"})),
}
_VERIFIERS: Final = get_default_algorithms()
_VERIFIER_NAMES: Final = {"Ed25519": "EdDSA"}

_ED25519_PRIME: Final = 2**255 - 19
_ED25519_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_ED25519_SMALL_ORDER: Final = frozenset(
    {0, 1, _ED25519_PRIME - 1, _ED25519_ORDER_8, _ED25519_PRIME - _ED25519_ORDER_8},
)
"""The y-coordinates of the eight points of small order: anybody can make signatures for such a key (RFC 8032)."""


class UnusableKey(ValueError):
    """A well-formed key that is ignored; the message says why."""


class MalformedKey(UnusableKey):
    """A key that lacks a member which its type requires, or has one of a wrong type or value."""


class UnusableKeySet(ValueError):
    """An answer that is not a well-formed JWK Set."""


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


Keys = Mapping[str, tuple[VerificationKey, ...]]
"""Keys by ``kid``. Those under one ``kid`` have no algorithm in common."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys, and why each of the others is ignored. Without a usable key, the issuer withdrew them."""

    keys: Keys
    skipped: tuple[str, ...]


def choose(candidates: Iterable[VerificationKey], algorithm: str) -> VerificationKey | None:
    """Of the keys under one ``kid``, the one for the algorithm; else the first, which refuses the algorithm."""
    first = None
    for key in candidates:
        if algorithm in key.algorithms:
            return key
        first = first or key
    return first


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if type(value) is not str or not value:
        raise MalformedKey(f"{name} is missing or not a string")
    return value


def _octets(jwk: Mapping[str, Any], name: str, length: int | None = None) -> bytes:
    try:
        value = decode_base64url(_text(jwk, name))
    except TokenInvalid:
        raise MalformedKey(f"{name} is not base64url") from None
    if length is not None and len(value) != length:
        raise MalformedKey(f"{name} is not of {length} octets")
    return value


def _ed25519(jwk: Mapping[str, Any]) -> tuple[tuple[bytes, ...], Any]:
    point = _octets(jwk, "x", 32)
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if y >= _ED25519_PRIME:
        raise MalformedKey("x is not the canonical encoding of a point")
    if y in _ED25519_SMALL_ORDER:
        raise UnusableKey("x is a point of small order: anybody can sign for it")
    return (point,), Ed25519PublicKey.from_public_bytes(point)


def _elliptic_curve(jwk: Mapping[str, Any]) -> tuple[tuple[bytes, ...], Any]:
    curve, length, _ = _CURVES[jwk["crv"]]
    x, y = _octets(jwk, "x", length), _octets(jwk, "y", length)
    return (x, y), EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve).public_key()


def _rsa(jwk: Mapping[str, Any]) -> tuple[tuple[bytes, ...], Any]:
    modulus, exponent = _octets(jwk, "n"), _octets(jwk, "e")
    n, e = int.from_bytes(modulus), int.from_bytes(exponent)
    if n.bit_length() not in _RSA_BITS:
        raise UnusableKey(f"an RSA key of {n.bit_length()} bits; {_RSA_BITS[0]} to {_RSA_BITS[-1]} are accepted")
    if len(exponent) > _MAX_RSA_EXPONENT_OCTETS:
        raise UnusableKey(f"an RSA exponent of more than {_MAX_RSA_EXPONENT_OCTETS} octets")
    return (modulus, exponent), RSAPublicNumbers(e, n).public_key()


def _possible_algorithms(jwk: Mapping[str, Any], key_type: str) -> frozenset[str]:
    if key_type == "RSA":
        return _RSA
    curve = _text(jwk, "crv")
    if key_type == "OKP" and curve == "Ed25519":
        return _EDDSA
    if key_type == "EC" and curve in _CURVES:
        return _CURVES[curve][2]
    raise UnusableKey("the curve is not Ed25519, P-256, P-384 or P-521")


def _pinned_algorithms(jwk: Mapping[str, Any], key_type: str, policy: Policy) -> frozenset[str]:
    possible = _possible_algorithms(jwk, key_type)
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
    if "use" in jwk and _text(jwk, "use") != "sig":
        raise UnusableKey("use is not sig")
    if "key_ops" in jwk:
        if type(jwk["key_ops"]) is not list:
            raise MalformedKey("key_ops is not a list")
        if "verify" not in jwk["key_ops"]:
            raise UnusableKey("key_ops does not hold verify")


def parse_key(jwk: object, policy: Policy) -> VerificationKey:
    """Read one JWK; raises UnusableKey or MalformedKey."""
    if type(jwk) is not dict:
        raise MalformedKey("not a JSON object")
    key_type = _text(jwk, "kty")
    if key_type not in {"OKP", "EC", "RSA"}:
        raise UnusableKey("kty is not OKP, EC or RSA")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise UnusableKey("private members are published: the key is compromised")
    _check_use(jwk)
    if "kid" not in jwk and policy.profile.key_id_required:
        raise UnusableKey("kid is missing")
    key_id = _text(jwk, "kid") if "kid" in jwk else NO_KEY_ID
    if len(key_id) > _MAX_KEY_ID:
        raise UnusableKey("kid is too long")
    algorithms = _pinned_algorithms(jwk, key_type, policy)
    read = {"OKP": _ed25519, "EC": _elliptic_curve, "RSA": _rsa}[key_type]
    try:
        material, public_key = read(jwk)
    except UnusableKey:
        raise
    except (UnsupportedAlgorithm, ValueError) as error:
        raise MalformedKey(str(error) or "the key is not valid") from None
    verifier = _VERIFIERS[_VERIFIER_NAMES.get(min(algorithms), min(algorithms))]
    return VerificationKey(key_id, algorithms, material, public_key, verifier)


def _name(jwk: object) -> tuple[str, str]:
    values = (jwk.get("kty"), jwk.get("kid")) if type(jwk) is dict else ()
    return (str(values[0]), str(values[1])) if values else ("", "")


def _compromised(members: Iterable[object]) -> set[tuple[str, str]]:
    """Type and id of each key whose private part is in the set: the public key of the same pair is compromised too."""
    return {_name(jwk) for jwk in members if type(jwk) is dict and not _PRIVATE_MEMBERS.isdisjoint(jwk)}


def parse_key_set(document: Mapping[str, Any], policy: Policy, known: Keys) -> KeySet:
    """Read a JWK Set. A key that is among the ``known`` stays the same object.

    A well-formed set may have no usable key: no keys at all, or keys for other purposes, of other types, too weak, or
    compromised. A set that has no usable key, and one that is malformed, is a broken answer: raises UnusableKeySet.
    """
    members = document.get("keys")
    if type(members) is not list:
        raise UnusableKeySet("the answer is not a JWK Set")
    if len(members) > MAX_KEYS:
        raise UnusableKeySet(f"the key set has more than {MAX_KEYS} keys")
    keys: dict[str, tuple[VerificationKey, ...]] = {}
    skipped: list[str] = []
    malformed = False
    compromised = _compromised(members)
    for index, member in enumerate(members):
        try:
            key = parse_key(member, policy)
        except UnusableKey as error:
            skipped.append(f"key {index}: {error}")
            malformed = malformed or isinstance(error, MalformedKey)
            continue
        others = keys.get(key.key_id, ())
        if _name(member) in compromised:
            skipped.append(f"key {index}: its private members are published in the same set")
        elif any(other.algorithms & key.algorithms for other in others):
            skipped.append(f"key {index}: kid is not unique in the set; the first key with it is used")
        else:
            held = next((held for held in known.get(key.key_id, ()) if held == key), key)
            keys[key.key_id] = (*others, held)
    if malformed and not keys:
        raise UnusableKeySet("the key set has no usable key" + "".join(f"; {reason}" for reason in skipped[:4]))
    if not policy.profile.key_id_required and len(keys) == 1:
        # The only key of a set also serves tokens without kid.
        keys[NO_KEY_ID] = next(iter(keys.values()))
    return KeySet(keys, tuple(skipped))
