"""Which keys of a JWK Set are used, and for which algorithm (RFC 7517, RFC 7518, RFC 8037, RFC 9864)."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from resource_server.testing.clock import FakeClock
from resource_server.testing.issuer import FakeIssuer
from resource_server.testing.signing import AlgorithmName, SigningKey, encode_base64url
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import MAX_KEYS, UnusableKey, UnusableKeySet, parse_key, parse_key_set
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule
from tests.verifying import verify

POLICY = Policy(issuer="https://idp.test", audience="https://api.test")
EVERY = replace(POLICY, algorithms=frozenset(get_args(AlgorithmName)))
KEYS: dict[AlgorithmName, SigningKey] = {
    algorithm: SigningKey.generate(algorithm, algorithm) for algorithm in get_args(AlgorithmName)
}
ED = KEYS["EdDSA"].public_jwk
RSA = KEYS["RS256"].public_jwk
EC = KEYS["ES256"].public_jwk


def _rsa_jwk(bits: int) -> dict[str, Any]:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return RSAAlgorithm.to_jwk(public, as_dict=True) | {"kid": "k", "alg": "RS256"}


def _without(jwk: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != member}


ED448 = OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True) | {"kid": "k", "alg": "EdDSA"}
UNUSABLE: dict[str, object] = {
    "not an object": "key",
    "null": None,
    "symmetric": {"kty": "oct", "kid": "k", "k": "AAAA", "alg": "HS256"},
    "without kid": _without(ED, "kid"),
    "kid not a string": ED | {"kid": 1},
    "kid empty": ED | {"kid": ""},
    "kid too long": ED | {"kid": "k" * 256},
    "without kty": _without(ED, "kty"),
    "unknown kty": ED | {"kty": "AKP"},
    "with a private member": ED | {"kid": "k", "d": ED["x"]},
    "RSA with a private member": RSA | {"p": RSA["n"]},
    "for encryption": ED | {"use": "enc"},
    "use not a string": ED | {"use": None},
    "for signing only": ED | {"key_ops": ["sign"]},
    "key_ops not a list": ED | {"key_ops": "verify"},
    "alg of another type": ED | {"alg": "RS256"},
    "alg not a string": ED | {"alg": None},
    "alg symmetric": RSA | {"alg": "HS256"},
    "alg not configured": RSA | {"alg": "PS256"},
    "alg of a type not configured": EC,
    "Ed448": ED448,
    "X25519": ED | {"crv": "X25519"},
    "x too short": ED | {"x": ED["x"][:40]},
    "x padded": ED | {"x": ED["x"] + "="},
    "x missing": _without(ED, "x"),
    "x a number": ED | {"x": 1},
    "n missing": _without(RSA, "n"),
    "n not base64url": RSA | {"n": "+" + RSA["n"][1:]},
    "e of one": RSA | {"e": "AQ"},
    "e even": RSA | {"e": "BA"},
    "RSA of 1024 bits": _rsa_jwk(1024),
    "RSA far too large": RSA | {"n": "_" * 1600},
}


@pytest.mark.parametrize("jwk", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_key_is_skipped_and_reported_and_the_others_are_used(jwk: object) -> None:
    with pytest.raises(UnusableKey):
        parse_key(jwk, POLICY)
    key_set = parse_key_set({"keys": [jwk, ED]}, POLICY, {})
    assert set(key_set.keys) == {"EdDSA"}
    assert len(key_set.skipped) == 1


def test_a_key_whose_private_member_is_published_is_not_used_from_a_public_entry_either() -> None:
    key_set = parse_key_set({"keys": [ED, ED | {"d": ED["x"]}, RSA]}, POLICY, {})
    assert set(key_set.keys) == {"RS256"}
    assert len(key_set.skipped) == 2


@pytest.mark.parametrize(
    "jwk", [_without(ED, "alg"), ED | {"alg": "Ed25519"}, ED | {"use": "sig", "key_ops": ["verify"]}]
)
def test_an_ed25519_key_serves_both_names_of_its_algorithm(jwk: dict[str, Any]) -> None:
    assert parse_key(jwk, POLICY).algorithms == {"EdDSA", "Ed25519"}


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_a_token_may_use_either_name(alg: str) -> None:
    issuer = FakeIssuer(clock=FakeClock())
    keys = parse_key_set(issuer.jwks, issuer.policy, {}).keys
    key = issuer.keys[-1]
    token = key.token(issuer.claims(), {"alg": alg, "kid": key.key_id})
    assert verify(token, keys, issuer.policy, issuer.clock())["sub"] == "user-1"


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_algorithm_verifies_when_it_is_configured_and_only_then(algorithm: AlgorithmName) -> None:
    issuer = FakeIssuer(issuer=POLICY.issuer, audience=POLICY.audience, clock=FakeClock())
    token = KEYS[algorithm].token(issuer.claims())
    keys = parse_key_set({"keys": [KEYS[algorithm].public_jwk]}, EVERY, {}).keys
    assert verify(token, keys, EVERY, issuer.clock())["sub"] == "user-1"
    others = replace(POLICY, algorithms=EVERY.algorithms - {algorithm, "Ed25519"})
    with pytest.raises(TokenInvalid) as refusal:
        verify(token, keys, others, issuer.clock())
    assert refusal.value.rule is Rule.ALGORITHM


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_signature_by_another_key_of_the_algorithm_is_refused(algorithm: AlgorithmName) -> None:
    issuer = FakeIssuer(issuer=POLICY.issuer, audience=POLICY.audience, clock=FakeClock())
    keys = parse_key_set({"keys": [KEYS[algorithm].public_jwk]}, EVERY, {}).keys
    forged = SigningKey.generate(algorithm, algorithm).token(issuer.claims())
    with pytest.raises(TokenInvalid) as refusal:
        verify(forged, keys, EVERY, issuer.clock())
    assert refusal.value.rule is Rule.SIGNATURE


@pytest.mark.parametrize(("algorithm", "curve"), [("ES256", "P-384"), ("ES384", "P-521"), ("ES512", "P-256")])
def test_an_elliptic_curve_key_is_used_only_for_the_algorithm_of_its_curve(algorithm: str, curve: str) -> None:
    of_curve = next(key.public_jwk for key in KEYS.values() if key.public_jwk.get("crv") == curve)
    with pytest.raises(UnusableKey, match="alg does not fit"):
        parse_key(of_curve | {"alg": algorithm}, EVERY)


def test_the_key_pins_its_algorithm_within_one_type() -> None:
    issuer = FakeIssuer(issuer=POLICY.issuer, audience=POLICY.audience, clock=FakeClock())
    keys = parse_key_set({"keys": [RSA]}, EVERY, {}).keys
    confused = KEYS["PS256"].token(issuer.claims(), {"alg": "PS256", "kid": "RS256"})
    with pytest.raises(TokenInvalid) as refusal:
        verify(confused, keys, EVERY, issuer.clock())
    assert refusal.value.rule is Rule.KEY_ALGORITHM


def test_an_rsa_key_without_alg_is_used_only_when_one_algorithm_fits() -> None:
    jwk = _without(RSA, "alg")
    assert parse_key(jwk, POLICY).algorithms == {"RS256"}
    with pytest.raises(UnusableKey, match="alg is missing"):
        parse_key(jwk, EVERY)


PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER = [0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8]
NOT_CANONICAL = [PRIME, PRIME + 1, 2**255 - 1]


def test_the_points_of_order_8_are_those_whose_double_has_order_4() -> None:
    for y in (ORDER_8, PRIME - ORDER_8):
        assert (D * y**4 + 2 * y**2 - 1) % PRIME == 0


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*SMALL_ORDER, *NOT_CANONICAL])
def test_an_ed25519_key_of_small_order_or_not_canonical_is_not_used(y: int, sign: int) -> None:
    x = encode_base64url((y | sign << 255).to_bytes(32, "little"))
    with pytest.raises(UnusableKey):
        parse_key(ED | {"x": x}, POLICY)


def test_a_large_rsa_exponent_is_not_used() -> None:
    with pytest.raises(UnusableKey, match="exponent"):
        parse_key(RSA | {"e": encode_base64url(b"\x01" * 9)}, POLICY)


def test_rsa_of_2048_bits_is_enough() -> None:
    assert parse_key(RSA, POLICY).algorithms == {"RS256"}


def test_a_key_that_stays_is_the_same_object_and_a_replaced_one_is_not() -> None:
    first = parse_key_set({"keys": [ED]}, POLICY, {}).keys
    assert parse_key_set({"keys": [ED, RSA]}, POLICY, first).keys["EdDSA"][0] is first["EdDSA"][0]
    replaced = SigningKey.generate("EdDSA").public_jwk
    assert parse_key_set({"keys": [replaced]}, POLICY, first).keys["EdDSA"][0] is not first["EdDSA"][0]


def test_of_two_keys_with_one_id_the_first_is_used() -> None:
    key_set = parse_key_set({"keys": [ED, SigningKey.generate("EdDSA").public_jwk]}, POLICY, {})
    assert key_set.keys["EdDSA"] == (parse_key(ED, POLICY),)
    assert len(key_set.skipped) == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": None},
        {"keys": {}},
        {"keys": [UNUSABLE["without kty"]]},
        {"keys": [UNUSABLE["symmetric"], UNUSABLE["not an object"]]},
        {"keys": [ED] * (MAX_KEYS + 1)},
    ],
    ids=["no keys", "null", "object", "malformed key", "malformed key among others", "too many"],
)
def test_a_malformed_set_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(UnusableKeySet):
        parse_key_set(document, POLICY, {})
