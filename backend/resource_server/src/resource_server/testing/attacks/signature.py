"""Attacks on the signature (RFC 7515, section 5.2; RFC 8017, section 8; RFC 8032, section 5.1.7)."""

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from resource_server.testing.attacks.sample import Attack, Forge, Sample
from resource_server.testing.signing import encode_base64url, encode_json
from resource_server.verification.rules import Rule

_ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def _signature(change: Callable[[bytes], bytes]) -> Forge:
    def forge(sample: Sample) -> str:
        header, payload, _ = sample.parts
        return sample.with_signature(change(sample.key.signature(f"{header}.{payload}".encode())))

    return forge


def _flip(position: int, bit: int = 1) -> Callable[[bytes], bytes]:
    def change(signature: bytes) -> bytes:
        flipped = bytearray(signature)
        flipped[position] ^= bit
        return bytes(flipped)

    return change


def _swapped(**claims: object) -> Forge:
    """Other claims under the good signature."""

    def forge(sample: Sample) -> str:
        header, _, signature = sample.parts
        return f"{header}.{encode_base64url(encode_json({**sample.claims, **claims}))}.{signature}"

    return forge


def _other_header(sample: Sample) -> str:
    _, payload, signature = sample.parts
    return f"{encode_base64url(encode_json(sample.header | {'typ': 'JWT'}))}.{payload}.{signature}"


def _second_form(sample: Sample) -> str:
    """Another signature that the same equation would accept: s plus the order, or plus the modulus for RSA."""
    header, payload, _ = sample.parts
    signature = sample.key.signature(f"{header}.{payload}".encode())
    if isinstance(sample.key.private_key, RSAPrivateKey):
        size = len(signature)
        modulus = sample.key.private_key.public_key().public_numbers().n
        return sample.with_signature((int.from_bytes(signature) + modulus).to_bytes(size + 1))
    scalar = int.from_bytes(signature[32:], "little") + _ED25519_ORDER
    return sample.with_signature(signature[:32] + scalar.to_bytes(32, "little"))


def _other_padding(sample: Sample) -> str:
    """For RSA: a signature of the right key by another scheme. For Ed25519: over the digest of the input."""
    header, payload, _ = sample.parts
    signing_input = f"{header}.{payload}".encode()
    if isinstance(sample.key.private_key, RSAPrivateKey):
        padding = PSS(MGF1(hashes.SHA256()), 32)
        return sample.with_signature(sample.key.private_key.sign(signing_input, padding, hashes.SHA256()))
    digest = hashes.Hash(hashes.SHA512())
    digest.update(signing_input)
    return sample.with_signature(sample.key.signature(digest.finalize()))


def _other_digest(sample: Sample) -> str:
    header, payload, _ = sample.parts
    signing_input = f"{header}.{payload}".encode()
    if isinstance(sample.key.private_key, RSAPrivateKey):
        return sample.with_signature(sample.key.private_key.sign(signing_input, PKCS1v15(), hashes.SHA512()))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(signing_input)
    return sample.with_signature(sample.key.signature(digest.finalize()))


def _only_payload(sample: Sample) -> str:
    return sample.with_signature(sample.key.signature(sample.parts[1].encode()))


def _decoded(sample: Sample) -> str:
    return sample.with_signature(
        sample.key.signature(encode_json(sample.header) + b"." + encode_json(dict(sample.claims)))
    )


_CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "first-bit-flipped": _flip(0),
    "high-bit-flipped": _flip(0, 0x80),
    "middle-bit-flipped": _flip(31),
    "scalar-bit-flipped": _flip(32),
    "last-bit-flipped": _flip(-1),
    "sign-bit-flipped": _flip(-1, 0x80),
    "all-zero": lambda signature: bytes(len(signature)),
    "all-ones": lambda signature: b"\xff" * len(signature),
    "one-octet": lambda _: b"\0",
    "octet-missing": lambda signature: signature[:-1],
    "half-missing": lambda signature: signature[: len(signature) // 2],
    "zero-appended": lambda signature: signature + b"\0",
    "zero-prepended": lambda signature: b"\0" + signature,
    "twice": lambda signature: signature + signature,
    "reversed": lambda signature: signature[::-1],
    "halves-swapped": lambda signature: signature[len(signature) // 2 :] + signature[: len(signature) // 2],
    "encoded-twice": lambda signature: encode_base64url(signature).encode(),
    "in-hexadecimal": lambda signature: signature.hex().encode(),
    "in-der": lambda signature: b"\x30\x44\x02\x20" + signature[:32] + b"\x02\x20" + signature[32:64],
    "identity-point": lambda signature: b"\x01" + bytes(len(signature) - 1),
}
_CLAIMS: dict[str, dict[str, object]] = {
    "subject": {"sub": "admin"},
    "roles": {"roles": ["admin"]},
    "scope": {"scope": "admin"},
    "expiry": {"exp": 4_000_000_000},
    "version": {"ver": 999_999},
    "session": {"sid": "another-session"},
    "email": {"email": "admin@example.com"},
    "extra": {"admin": True},
}

SIGNATURE_ATTACKS: tuple[Attack, ...] = (
    *(
        Attack(
            f"signature/{name}", Rule.SIGNATURE, "the signature is not the key's over this token", _signature(change)
        )
        for name, change in _CHANGES.items()
    ),
    *(
        Attack(f"signature/other-{name}", Rule.SIGNATURE, "the payload was changed after signing", _swapped(**claims))
        for name, claims in _CLAIMS.items()
    ),
    Attack("signature/other-header", Rule.SIGNATURE, "the header was changed after signing", _other_header),
    Attack(
        "signature/by-stranger",
        Rule.SIGNATURE,
        "signed by a key that is not the issuer's",
        lambda s: s.stranger.token(s.claims),
    ),
    Attack(
        "signature/of-another-token",
        Rule.SIGNATURE,
        "the signature belongs to another token",
        lambda s: ".".join((*s.parts[:2], s.with_claims(sub="someone-else").split(".")[2])),
    ),
    Attack("signature/second-form", Rule.SIGNATURE, "a malleable signature", _second_form),
    Attack("signature/other-scheme", Rule.SIGNATURE, "the right key by another scheme", _other_padding),
    Attack("signature/other-digest", Rule.SIGNATURE, "the right key over another digest", _other_digest),
    Attack("signature/payload-only", Rule.SIGNATURE, "the header is not covered", _only_payload),
    Attack("signature/decoded-input", Rule.SIGNATURE, "the signature is over the decoded parts", _decoded),
)
