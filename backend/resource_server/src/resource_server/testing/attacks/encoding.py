"""Attacks on the encoding of a token: its parts, base64url, and JSON (RFC 7515, sections 2, 5.2 and 7.1)."""

from collections.abc import Callable

from resource_server.testing.attacks.sample import Attack, Forge, Sample
from resource_server.testing.signing import encode_base64url, encode_json
from resource_server.verification.rules import Rule

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _form(change: Callable[[str, str, str], str]) -> Forge:
    return lambda sample: change(*sample.parts)


def _prefixed(member: str) -> Callable[[bytes], bytes]:
    """A second member of this name, before all others."""
    return lambda data: b'{"%s":"x",' % member.encode() + data[1:]


def _changed_part(index: int, change: Callable[[str], str]) -> Forge:
    def forge(sample: Sample) -> str:
        parts = list(sample.parts)
        parts[index] = change(parts[index])
        return ".".join(parts)

    return forge


def _loose_tail(part: str) -> str:
    """Set the lowest unused bit of the last character; one that has no unused bits gets a character too many."""
    if len(part) % 4 == 0:
        return part + "A"
    return part[:-1] + _ALPHABET[_ALPHABET.index(part[-1]) | 1]


def _signed_tail(index: int) -> Forge:
    def forge(sample: Sample) -> str:
        parts = list(sample.parts[:2])
        parts[index] = _loose_tail(parts[index])
        signing_input = ".".join(parts)
        return f"{signing_input}.{encode_base64url(sample.key.signature(signing_input.encode()))}"

    return forge


def _octets(change: Callable[[bytes], bytes], where: str) -> Forge:
    def forge(sample: Sample) -> str:
        if where == "header":
            return sample.with_header_octets(change(encode_json(sample.header)))
        return sample.with_payload(change(encode_json(dict(sample.claims))))

    return forge


_FORMS: dict[str, Callable[[str, str, str], str]] = {
    "one-part": lambda h, _p, _s: h,
    "two-parts": lambda h, p, _s: f"{h}.{p}",
    "four-parts": lambda h, p, s: f"{h}.{p}.{s}.{s}",
    "five-parts-like-jwe": lambda h, p, s: f"{h}.{p}.{s}.{p}.{s}",
    "empty-header": lambda _h, p, s: f".{p}.{s}",
    "empty-payload": lambda h, _p, s: f"{h}..{s}",
    "empty-signature": lambda h, p, _s: f"{h}.{p}.",
    "dots-only": lambda _h, _p, _s: "..",
    "leading-dot": lambda h, p, s: f".{h}.{p}.{s}",
    "trailing-dot": lambda h, p, s: f"{h}.{p}.{s}.",
    "tab-inside": lambda h, p, s: f"{h}.{p[:9]}\t{p[9:]}.{s}",
    "space-inside": lambda h, p, s: f"{h}.{p[:9]} {p[9:]}.{s}",
    "two-tokens-by-comma": lambda h, p, s: f"{h}.{p}.{s},{h}.{p}.{s}",
    "quoted": lambda h, p, s: f'"{h}.{p}.{s}"',
    "percent-encoded-dots": lambda h, p, s: f"{h}%2E{p}%2E{s}",
    "bearer-twice": lambda h, p, s: f"Bearer {h}.{p}.{s}",
    "colons-for-dots": lambda h, p, s: f"{h}:{p}:{s}",
    "flattened-json-serialization": lambda h, p, s: f'{{"protected":"{h}","payload":"{p}","signature":"{s}"}}',
    "plus-in-signature": lambda h, p, s: f"{h}.{p}.+{s[1:]}",
    "slash-in-signature": lambda h, p, s: f"{h}.{p}./{s[1:]}",
    "plus-in-payload": lambda h, p, s: f"{h}.+{p[1:]}.{s}",
    "slash-in-header": lambda h, p, s: f"{h[:-1]}/.{p}.{s}",
    "padded-header": lambda h, p, s: f"{h}=.{p}.{s}",
    "padded-payload": lambda h, p, s: f"{h}.{p}==.{s}",
    "padded-signature": lambda h, p, s: f"{h}.{p}.{s}==",
    "latin-letter": lambda h, p, s: f"{h}.{p}.{s[:-1]}\u00e9",
}

_JSON: dict[str, tuple[Rule, Callable[[bytes], bytes]]] = {
    "text": (Rule.JSON, lambda _: b"token"),
    "array": (Rule.JSON, lambda data: b"[" + data + b"]"),
    "string": (Rule.JSON, lambda _: b'"token"'),
    "number": (Rule.JSON, lambda _: b"1"),
    "null": (Rule.JSON, lambda _: b"null"),
    "true": (Rule.JSON, lambda _: b"true"),
    "truncated": (Rule.JSON, lambda data: data[:-1]),
    "two-objects": (Rule.JSON, lambda data: data + data),
    "trailing-comma": (Rule.JSON, lambda data: data[:-1] + b",}"),
    "single-quotes": (Rule.JSON, lambda data: data.replace(b'"', b"'")),
    "comment": (Rule.JSON, lambda data: b"/**/" + data),
    "not-a-number": (Rule.JSON, lambda data: data[:-1] + b',"x":NaN}'),
    "number-out-of-range": (Rule.JSON, lambda data: data[:-1] + b',"x":1e999}'),
    "infinity": (Rule.JSON, lambda data: data[:-1] + b',"x":-Infinity}'),
    "byte-order-mark": (Rule.JSON, lambda data: b"\xef\xbb\xbf" + data),
    "utf-16": (Rule.JSON, lambda data: data.decode().encode("utf-16")),
    "broken-utf-8": (Rule.JSON, lambda data: data[:-1] + b',"x":"\xff"}'),
    "overlong-utf-8": (Rule.JSON, lambda data: data[:-1] + b',"x":"\xc0\xaf"}'),
    "lone-surrogate": (Rule.JSON, lambda data: data[:-1] + b',"x":"\\ud800"}'),
    "control-character": (Rule.JSON, lambda data: data[:-1] + b',"x":"\n"}'),
    "nul-after": (Rule.JSON, lambda data: data + b"\0"),
    "deep-nesting": (Rule.JSON, lambda data: data[:-1] + b',"x":' + b"[" * 2500 + b"]" * 2500 + b"}"),
    "member-twice": (Rule.DUPLICATE_MEMBER, lambda data: data[:-1] + b',"x":1,"x":1}'),
    "member-twice-by-escape": (Rule.DUPLICATE_MEMBER, lambda data: data[:-1] + b',"x":1,"\\u0078":2}'),
    "member-twice-inside": (Rule.DUPLICATE_MEMBER, lambda data: data[:-1] + b',"x":{"y":1,"y":2}}'),
}

ENCODING_ATTACKS: tuple[Attack, ...] = (
    *(
        Attack(f"form/{name}", Rule.FORMAT, "not three parts of base64url joined by dots", _form(change))
        for name, change in _FORMS.items()
    ),
    Attack("form/empty", Rule.FORMAT, "there is no token", lambda _: ""),
    Attack(
        "form/too-large", Rule.SIZE, "larger than allowed", lambda s: s.with_claims(x="x" * s.policy.max_token_size)
    ),
    Attack("form/much-too-large", Rule.SIZE, "larger than allowed", lambda s: s.token + "A" * s.policy.max_token_size),
    Attack(
        "base64url/signature-tail",
        Rule.BASE64URL,
        "a second spelling of the same octets",
        _changed_part(2, _loose_tail),
    ),
    *(
        Attack(
            f"base64url/{name}-tail-signed",
            Rule.BASE64URL,
            "not canonical, though signed as it is",
            _signed_tail(index),
        )
        for index, name in enumerate(("header", "payload"))
    ),
    Attack(
        "base64url/header-of-impossible-length",
        Rule.BASE64URL,
        "base64url is never of this length",
        _changed_part(0, lambda part: part + "A" * ((1 - len(part)) % 4)),
    ),
    Attack(
        "base64url/signature-of-impossible-length",
        Rule.BASE64URL,
        "base64url is never of this length",
        _changed_part(2, lambda part: part + "A" * ((1 - len(part)) % 4)),
    ),
    Attack(
        "base64url/header-encoded-twice",
        Rule.JSON,
        "the header is not JSON",
        _changed_part(0, lambda part: encode_base64url(part.encode())),
    ),
    *(
        Attack(f"json/{where}-{name}", rule, f"the {where} is not one strict JSON object", _octets(change, where))
        for where in ("header", "payload")
        for name, (rule, change) in _JSON.items()
    ),
    Attack(
        "json/header-alg-twice",
        Rule.DUPLICATE_MEMBER,
        "which of the two counts is ambiguous",
        _octets(_prefixed("alg"), "header"),
    ),
    Attack(
        "json/header-kid-twice",
        Rule.DUPLICATE_MEMBER,
        "which of the two counts is ambiguous",
        _octets(_prefixed("kid"), "header"),
    ),
    *(
        Attack(
            f"json/payload-{claim}-twice",
            Rule.DUPLICATE_MEMBER,
            "which of the two counts is ambiguous",
            _octets(_prefixed(claim), "payload"),
        )
        for claim in ("iss", "aud", "sub", "exp", "sid", "ver", "scope", "roles")
    ),
)
