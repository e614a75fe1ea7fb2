"""Strict readers of base64url (RFC 7515, section 2) and of JSON (RFC 8259), for untrusted input."""

import binascii
import json
import math
from typing import Any, Final, NoReturn

from resource_server.verification.errors import TokenInvalid
from resource_server.verification.rules import Rule

# To the standard alphabet. Characters that only the standard alphabet has become one that is in neither.
_OUTSIDE: Final = b"!"
_ALPHABET: Final = bytes(
    character
    if chr(character).isascii() and (chr(character).isalnum() or chr(character) == ".")
    else {"-": b"+", "_": b"/"}.get(chr(character), _OUTSIDE)[0]
    for character in range(256)
)
_PADDING: Final = {2: b"==", 3: b"="}
# The last character's unused low bits must be zero, or one value would have several encodings.
_LAST: Final = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}

_MAX_DEPTH: Final = 32
_WHITESPACE: Final = " \t\n\r"  # RFC 8259, section 2


def split(token: bytes) -> list[bytes]:
    """The parts between the dots, translated to the standard alphabet; an empty list when they are not base64url."""
    standard = token.translate(_ALPHABET)
    return [] if _OUTSIDE in standard else standard.split(b".")


def decode_part(part: bytes) -> bytes:
    """Decode one of those parts, which must be canonical and unpadded; raises TokenInvalid."""
    tail = len(part) % 4
    if tail:
        if tail == 1 or part[-1] not in _LAST[tail]:
            raise TokenInvalid("base64url is not canonical", Rule.BASE64URL)
        part += _PADDING[tail]
    return binascii.a2b_base64(part)


def decode_base64url(text: str) -> bytes:
    """Decode one canonical, unpadded base64url string; raises TokenInvalid."""
    parts = split(text.encode("utf-8", "surrogatepass"))
    if len(parts) != 1:
        raise TokenInvalid("a character is outside of base64url", Rule.BASE64URL)
    return decode_part(parts[0])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TokenInvalid("a JSON object has a member twice", Rule.DUPLICATE_MEMBER)
    return members


def _no_constant(name: str) -> NoReturn:
    raise TokenInvalid(f"{name} is not JSON", Rule.JSON)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise TokenInvalid("a number is out of range", Rule.JSON)
    return value


def _is_deeper(value: object, depth: int) -> bool:
    children = value.values() if type(value) is dict else value if type(value) is list else ()
    return any(depth == 0 or _is_deeper(child, depth - 1) for child in children)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant)


def decode_json_object(data: bytes, what: str) -> dict[str, Any]:
    """Decode one JSON object in UTF-8, without duplicate members; ``what`` names it in the TokenInvalid raised."""
    try:
        text = data.decode().strip(_WHITESPACE)
        value, end = _decoder.raw_decode(text)
        if end != len(text):
            raise TokenInvalid(f"something follows the JSON of the {what}", Rule.JSON)
        if text.count("[") + text.count("{") > _MAX_DEPTH and _is_deeper(value, _MAX_DEPTH):
            raise TokenInvalid(f"the {what} is nested too deeply", Rule.JSON)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate would fail later, where it is stored
    except (ValueError, RecursionError):
        raise TokenInvalid(f"the {what} is not JSON in UTF-8", Rule.JSON) from None
    if type(value) is not dict:
        raise TokenInvalid(f"the {what} is not a JSON object", Rule.JSON)
    return value
