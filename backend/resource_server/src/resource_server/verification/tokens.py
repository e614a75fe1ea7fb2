"""Verification of an access token: reading, then checking by key, policy and time. Pure; no I/O."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from resource_server.verification.claims import check_claims, check_kind
from resource_server.verification.encoding import decode_json_object, decode_part
from resource_server.verification.encoding import split as split_base64url
from resource_server.verification.errors import TokenInvalid
from resource_server.verification.keys import NO_KEY_ID, VerificationKey
from resource_server.verification.policy import Policy
from resource_server.verification.rules import Rule

_KEYS_IN_HEADER: Final = ("jku", "jwk", "x5u", "x5c")
_MAX_KEY_ID: Final = 255
_MAX_KNOWN_HEADERS: Final = 256

Claims = Mapping[str, Any]


class Header(NamedTuple):
    """What is used of an acceptable header."""

    algorithm: str
    key_id: str


class SignedToken(NamedTuple):
    """A token whose header is acceptable; nothing is verified yet."""

    encoded_header: bytes
    header: Header
    payload: bytes
    signing_input: bytes
    signature: bytes


class KnownHeaders:
    """Remembers the headers of verified tokens; every token of one key has the same one. Holds 256 at most."""

    def __init__(self) -> None:
        self._headers: dict[bytes, Header] = {}

    def read(self, encoded: bytes, policy: Policy) -> Header:
        """Read a header, strictly; raises TokenInvalid. It is not remembered yet."""
        return self._headers.get(encoded) or _read_header(encoded, policy)

    def remember(self, verified: SignedToken) -> None:
        """Keep the header of a verified token, so that it is not parsed again."""
        if verified.encoded_header not in self._headers:
            if len(self._headers) >= _MAX_KNOWN_HEADERS:
                self._headers.clear()
            self._headers[verified.encoded_header] = verified.header


def _read_header(encoded: bytes, policy: Policy) -> Header:
    members = decode_json_object(decode_part(encoded), "header")
    _check_header(members, policy)
    return Header(members["alg"], members.get("kid") or NO_KEY_ID)


def _check_header(header: Mapping[str, Any], policy: Policy) -> None:
    algorithm = header.get("alg")
    if type(algorithm) is not str or algorithm not in policy.algorithms:
        allowed = ", ".join(sorted(policy.algorithms))
        reason = f"alg is {repr(algorithm)[:_MAX_KEY_ID]}, and the setting algorithms allows {allowed}"
        raise TokenInvalid(reason, Rule.ALGORITHM)
    key_id = header.get("kid")
    may_be_absent = "kid" not in header and not policy.profile.key_id_required
    if not may_be_absent and (type(key_id) is not str or not 0 < len(key_id) <= _MAX_KEY_ID):
        raise TokenInvalid("kid is missing, not a string, empty or too long", Rule.KEY_ID)
    if "typ" in header:
        if type(header["typ"]) is not str or header["typ"].lower() not in policy.profile.types:
            raise TokenInvalid("typ is not that of an access token", Rule.TYPE)
    elif policy.profile.type_required:
        raise TokenInvalid("typ is missing", Rule.TYPE)
    if "crit" in header:
        raise TokenInvalid("crit names extensions that are not supported", Rule.CRITICAL)
    if "b64" in header:
        raise TokenInvalid("b64 is not supported", Rule.UNENCODED_PAYLOAD)
    for name in _KEYS_IN_HEADER:
        if name in header:
            raise TokenInvalid(f"{name} offers a key; keys come from the issuer's key set only", Rule.KEY_IN_HEADER)


def split(token: bytes, max_size: int) -> tuple[bytes, bytes, bytes]:
    """Header, payload and signature of a compact JWS, still encoded; raises TokenInvalid."""
    if len(token) > max_size:
        raise TokenInvalid("the token is larger than allowed", Rule.SIZE)
    parts = split_base64url(token)
    if len(parts) != 3 or b"" in parts:
        raise TokenInvalid("the token is not three parts of base64url", Rule.FORMAT)
    return parts[0], parts[1], parts[2]


def parse(token: str, policy: Policy, headers: KnownHeaders) -> SignedToken:
    """Take a compact JWS apart (RFC 7515, section 7.1) and check its header; raises TokenInvalid."""
    encoded = token.encode("utf-8", "surrogatepass")
    header, payload, signature = split(encoded, policy.max_token_size)
    signing_input = encoded[: len(header) + 1 + len(payload)]
    return SignedToken(header, headers.read(header, policy), payload, signing_input, decode_part(signature))


def read_payload(payload: bytes) -> Claims:
    """What the payload claims; nothing is verified. Raises TokenInvalid."""
    return decode_json_object(decode_part(payload), "payload")


def claimed_issuer(token: str, max_size: int) -> object:
    """The ``iss`` that a token claims, of whatever type; nothing is verified. Raises TokenInvalid."""
    claims = read_payload(split(token.encode("utf-8", "surrogatepass"), max_size)[1])
    if "iss" not in claims:
        raise TokenInvalid("the claim iss is missing", Rule.CLAIM_MISSING)
    return claims["iss"]


def _read_claims(signed: SignedToken, policy: Policy, now: float) -> Claims:
    claims = read_payload(signed.payload)
    if not policy.is_plain:
        check_kind(claims, policy)
        claims = policy.profile.normalise(claims)
    check_claims(claims, policy, now)
    return claims


def check_unverified(signed: SignedToken, policy: Policy, now: float) -> None:
    """Refuse a token that no key could make acceptable; raises TokenInvalid or TokenExpired."""
    _read_claims(signed, policy, now)


def check_signature(signed: SignedToken, key: VerificationKey) -> None:
    """Raise TokenInvalid unless the token was signed with this key, by its algorithm."""
    if signed.header.algorithm not in key.algorithms:
        raise TokenInvalid("alg is not the algorithm of the key", Rule.KEY_ALGORITHM)
    if not key.verify(signed.signing_input, signed.signature):
        raise TokenInvalid("the signature does not match", Rule.SIGNATURE)


def check(signed: SignedToken, key: VerificationKey, policy: Policy, now: float) -> Claims:
    """Verify the signature, then the claims; raises TokenInvalid or TokenExpired."""
    check_signature(signed, key)
    return _read_claims(signed, policy, now)
