"""Attacks on the header: algorithms, key ids, types, extensions and smuggled keys (RFC 7515, section 4; RFC 8725)."""

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from resource_server.testing.attacks.sample import Attack, Forge, Sample
from resource_server.testing.signing import encode_base64url, encode_json
from resource_server.verification.rules import Rule


def _header(**members: object) -> Forge:
    return lambda sample: sample.with_header(**members)


def _without(member: str) -> Forge:
    def forge(sample: Sample) -> str:
        return sample.key.token(sample.claims, {k: v for k, v in sample.header.items() if k != member})

    return forge


def _unsigned(alg: str) -> Forge:
    def forge(sample: Sample) -> str:
        header = encode_base64url(encode_json(sample.header | {"alg": alg}))
        return f"{header}.{sample.parts[1]}.{encode_base64url(b'0')}"

    return forge


def _public_octets(sample: Sample, encoding: Encoding, form: PublicFormat) -> bytes:
    octets: bytes = sample.key.private_key.public_key().public_bytes(encoding, form)
    return octets


def _mac(alg: str, secret: Callable[[Sample], bytes]) -> Forge:
    def forge(sample: Sample) -> str:
        header = encode_base64url(encode_json(sample.header | {"alg": alg}))
        signing_input = f"{header}.{sample.parts[1]}"
        digest = hmac.new(secret(sample), signing_input.encode(), f"sha{alg[2:]}").digest()
        return f"{signing_input}.{encode_base64url(digest)}"

    return forge


def _own_key(member: str) -> Forge:
    """The attacker's own key, offered in the header, with a signature that fits it."""

    def forge(sample: Sample) -> str:
        jwk = sample.stranger.public_jwk
        thumb = encode_base64url(hashlib.sha256(encode_json(jwk)).digest())
        offers: dict[str, object] = {
            "jwk": jwk,
            "jku": "https://attacker.example/jwks",
            "x5u": "https://attacker.example/cert",
            "x5c": [thumb],
        }
        return sample.stranger.token(sample.claims, sample.header | {member: offers[member]})

    return forge


_PEM = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
_DER = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_SECRETS: dict[str, Callable[[Sample], bytes]] = {
    "pem": lambda sample: _public_octets(sample, *_PEM),
    "pem-stripped": lambda sample: _public_octets(sample, *_PEM).strip(),
    "der": lambda sample: _public_octets(sample, *_DER),
    "jwk": lambda sample: encode_json(sample.key.public_jwk),
    "kid": lambda sample: sample.key.key_id.encode(),
    "empty": lambda _: b"",
}
_ALGORITHMS: dict[str, object] = {
    "null": None,
    "number": 1,
    "boolean": True,
    "list": ["EdDSA", "RS256"],
    "object": {"alg": "EdDSA"},
    "empty": "",
    "lower-case-eddsa": "eddsa",
    "lower-case-rs256": "rs256",
    "trailing-space": "EdDSA ",
    "unknown": "XX999",
    "rs384": "RS384",
    "rs512": "RS512",
    "rs1": "RS1",
    "ps256-not-configured": "PS256",
    "es256-not-configured": "ES256",
    "es256k": "ES256K",
    "es512": "ES512",
    "ed448": "Ed448",
    "hs256-with-good-signature": "HS256",
    "jwe-dir": "dir",
    "jwe-rsa-oaep": "RSA-OAEP",
}
_KEY_IDS: dict[str, object] = {
    "null": None,
    "number": 1,
    "boolean": True,
    "empty": "",
    "list": ["key-1"],
    "object": {"kid": "key-1"},
    "too-long": "k" * 256,
}
_UNKNOWN_KEY_IDS = {
    "unknown": "no-such-key",
    "path": "../../../../dev/null",
    "sql": "x' UNION SELECT 'secret'--",
    "address": "https://attacker.example/key",
}
_TYPES: dict[str, object] = {
    "null": None,
    "number": 1,
    "empty": "",
    "list": ["JWT"],
    "jwe": "JWE",
    "jose": "JOSE",
    "dpop-proof": "dpop+jwt",
    "logout-token": "logout+jwt",
    "security-event": "secevent+jwt",
    "refresh-token": "refresh+jwt",
    "request-object": "oauth-authz-req+jwt",
    "trailing-space": "JWT ",
}
_EXTENSIONS: dict[str, object] = {
    "unknown": ["x"],
    "exp": ["exp"],
    "b64": ["b64"],
    "alg": ["alg"],
    "empty": [],
    "string": "exp",
    "null": None,
}

HEADER_ATTACKS: tuple[Attack, ...] = (
    *(
        Attack(f"alg/unsigned-{alg}", Rule.ALGORITHM, "a token without a signature", _unsigned(alg))
        for alg in ("none", "None", "NONE", "nOnE", "none ")
    ),
    *(
        Attack(
            f"alg/hs256-keyed-by-{name}", Rule.ALGORITHM, "the public key used as an HMAC secret", _mac("HS256", secret)
        )
        for name, secret in _SECRETS.items()
    ),
    *(
        Attack(
            f"alg/{alg.lower()}-keyed-by-pem",
            Rule.ALGORITHM,
            "the public key used as an HMAC secret",
            _mac(alg, _SECRETS["pem"]),
        )
        for alg in ("HS384", "HS512")
    ),
    Attack("alg/missing", Rule.ALGORITHM, "alg is required", _without("alg")),
    *(
        Attack(f"alg/{name}", Rule.ALGORITHM, "not a configured algorithm", _header(alg=alg))
        for name, alg in _ALGORITHMS.items()
    ),
    Attack(
        "alg/of-another-key",
        Rule.KEY_ALGORITHM,
        "the algorithm is not the key's",
        lambda sample: sample.with_header(alg=sample.other_key.algorithm),
    ),
    Attack(
        "alg/key-of-another-algorithm",
        Rule.KEY_ALGORITHM,
        "the key is not the algorithm's",
        lambda sample: sample.with_header(kid=sample.other_key.key_id),
    ),
    Attack("kid/missing", Rule.KEY_ID, "kid is required", _without("kid")),
    *(Attack(f"kid/{name}", Rule.KEY_ID, "not a key id", _header(kid=kid)) for name, kid in _KEY_IDS.items()),
    *(
        Attack(f"kid/{name}", Rule.UNKNOWN_KEY, "the issuer has no such key", _header(kid=kid))
        for name, kid in _UNKNOWN_KEY_IDS.items()
    ),
    Attack(
        "kid/other-case",
        Rule.UNKNOWN_KEY,
        "key ids are compared as they are",
        lambda s: s.with_header(kid=s.key.key_id.upper()),
    ),
    Attack(
        "kid/trailing-space",
        Rule.UNKNOWN_KEY,
        "key ids are compared as they are",
        lambda s: s.with_header(kid=s.key.key_id + " "),
    ),
    Attack(
        "kid/trailing-nul",
        Rule.UNKNOWN_KEY,
        "key ids are compared as they are",
        lambda s: s.with_header(kid=s.key.key_id + "\0"),
    ),
    *(Attack(f"typ/{name}", Rule.TYPE, "not an access token", _header(typ=typ)) for name, typ in _TYPES.items()),
    *(
        Attack(f"crit/{name}", Rule.CRITICAL, "an extension that is not supported", _header(crit=crit, x=1))
        for name, crit in _EXTENSIONS.items()
    ),
    Attack("b64/false", Rule.UNENCODED_PAYLOAD, "RFC 7797 is not supported", _header(b64=False)),
    Attack("b64/true", Rule.UNENCODED_PAYLOAD, "RFC 7797 is not supported", _header(b64=True)),
    *(
        Attack(f"key/own-{member}", Rule.KEY_IN_HEADER, "the attacker's key, in the token itself", _own_key(member))
        for member in ("jwk", "jku", "x5u", "x5c")
    ),
    *(
        Attack(f"key/{member}-null", Rule.KEY_IN_HEADER, "a key in the token itself", _header(**{member: None}))
        for member in ("jwk", "jku", "x5u", "x5c")
    ),
)
