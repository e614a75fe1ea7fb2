"""Whatever clients and servers send: each parser returns a value, or raises an exception of its own."""

import contextlib
import hashlib
import json
import tempfile
from pathlib import Path

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from resource_server.bearer import bearer_token
from resource_server.caching import max_age, usable_etag
from resource_server.jwks import snapshot as jwks_snapshot
from resource_server.revocation.http import parse_page
from resource_server.revocation.page import FeedError
from resource_server.testing.signing import SigningKey, encode_base64url, encode_json
from resource_server.verification.encoding import decode_base64url, decode_json_object
from resource_server.verification.errors import TokenInvalid, TokenMissing
from resource_server.verification.keys import UnusableKey, UnusableKeySet, parse_key, parse_key_set
from resource_server.verification.policy import SUPPORTED_ALGORITHMS, Policy
from resource_server.verification.tokens import KnownHeaders, parse

POLICY = Policy(issuer="https://idp.test", audience="https://api.test", algorithms=SUPPORTED_ALGORITHMS)
KEYS = [SigningKey.generate("key", algorithm).public_jwk for algorithm in ("EdDSA", "RS256", "ES256")]

numbers = st.integers() | st.integers(-(10**400), 10**400) | st.floats()
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
texts = st.text(st.characters(codec="utf-8"))
json_octets = json_values.map(json.dumps).map(str.encode) | st.binary()
members = st.sampled_from(["kty", "kid", "crv", "x", "y", "n", "e", "d", "alg", "use", "key_ops"])
values = (
    json_values
    | st.binary(max_size=80).map(encode_base64url)
    | st.sampled_from(["OKP", "EC", "RSA", "oct", "sig", "enc", "Ed25519", "P-256", "P-384", "P-521", "RS256", "ES512"])
)
jwks = st.one_of(
    json_values,
    st.dictionaries(members, values),
    st.tuples(st.sampled_from(KEYS), st.dictionaries(members, values)).map(lambda parts: parts[0] | parts[1]),
)


@given(octets=json_octets)
def test_octets_are_one_json_object_or_refused(octets: bytes) -> None:
    try:
        value = decode_json_object(octets, "payload")
    except TokenInvalid:
        return
    assert type(value) is dict
    encode_json(value)
    json.dumps(value, allow_nan=False)


@given(exponent=st.integers(309, 10**6), sign=st.sampled_from(["", "-"]))
def test_a_number_that_no_float_holds_is_refused(exponent: int, sign: str) -> None:
    try:
        decode_json_object(f'{{"x":{sign}1e{exponent}}}'.encode(), "payload")
    except TokenInvalid:
        return
    raise AssertionError


@given(text=st.text())
def test_text_is_canonical_base64url_or_refused(text: str) -> None:
    try:
        octets = decode_base64url(text)
    except TokenInvalid:
        return
    assert encode_base64url(octets) == text


@given(header=json_octets, payload=st.binary(), signature=st.binary())
def test_any_header_is_read_or_refused(header: bytes, payload: bytes, signature: bytes) -> None:
    token = ".".join(map(encode_base64url, (header, payload, signature)))
    try:
        parsed = parse(token, POLICY, KnownHeaders())
    except TokenInvalid:
        return
    assert parsed.header.algorithm in SUPPORTED_ALGORITHMS


@given(jwk=jwks)
def test_any_key_is_usable_or_refused(jwk: object) -> None:
    try:
        key = parse_key(jwk, POLICY)
    except UnusableKey:
        return
    assert key.verify(b"", b"") is False


@given(document=st.dictionaries(st.just("keys") | st.text(), st.lists(jwks, max_size=4) | json_values))
def test_any_key_set_is_taken_or_refused(document: dict[str, object]) -> None:
    try:
        key_set = parse_key_set(document, POLICY, {})
    except UnusableKeySet:
        return
    assert sum(map(len, key_set.keys.values())) + len(key_set.skipped) == len(document["keys"])  # type: ignore[arg-type]


@given(octets=json_octets)
def test_any_page_of_the_feed_is_taken_or_malformed(octets: bytes) -> None:
    _parse_page(octets)


@given(
    changes=st.dictionaries(st.sampled_from(["cursor", "reset", "complete", "revocations", "expected"]), json_values)
)
def test_any_change_of_a_page_is_taken_or_malformed(changes: dict[str, object]) -> None:
    page = {"cursor": "c", "reset": True, "complete": True, "max_token_life": 60, "revocations": []}
    _parse_page(json.dumps(page | changes).encode())


def _parse_page(octets: bytes) -> None:
    with contextlib.suppress(FeedError):
        assert parse_page(octets, 0.0).max_token_life > 0


snapshot_members = st.sampled_from(["format", "issuer", "jwks_url", "etag", "confirmed_at", "document", "other"])


@settings(deadline=None)
@given(changes=st.dictionaries(snapshot_members, json_values), missing=st.sets(snapshot_members))
def test_any_snapshot_with_a_good_checksum_is_usable_or_refused(changes: dict[str, object], missing: set[str]) -> None:
    content = {"format": 1, "issuer": "i", "jwks_url": "u", "etag": None, "confirmed_at": 1.0, "document": {}} | changes
    content = {name: value for name, value in content.items() if name not in missing}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    _read_snapshot(json.dumps(content | {"checksum": hashlib.sha256(text.encode()).hexdigest()}).encode())


@settings(deadline=None)
@given(octets=json_octets)
def test_any_file_is_a_snapshot_or_refused(octets: bytes) -> None:
    _read_snapshot(octets)


def _read_snapshot(octets: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot"
        path.touch(mode=0o600)
        path.write_bytes(octets)
        try:
            snapshot = jwks_snapshot.read(path, "i", "u")
        except jwks_snapshot.UnusableSnapshot:
            return
    assert type(snapshot.document) is dict
    assert 0 <= snapshot.confirmed_at < float("inf")


@given(sent=st.lists(st.binary() | st.binary().map(lambda rest: b"Bearer " + rest), max_size=2))
def test_any_authorization_header_gives_a_token_or_a_refusal(sent: list[bytes]) -> None:
    with contextlib.suppress(TokenMissing, TokenInvalid):
        token = bearer_token([(b"authorization", value) for value in sent])
        if token is not None:
            parse(token, POLICY, KnownHeaders())


directives = st.sampled_from(["max-age=", "no-store", "s-maxage=5", ",", " ", '"', "=", "60", "-1", "1e9", "٣"])
header_values = texts | st.lists(directives | texts).map("".join)


@given(etag=header_values | texts.map('"{}"'.format))
def test_an_etag_is_sent_back_unchanged_or_not_at_all(etag: str) -> None:
    usable = usable_etag(etag)
    assert usable is None or httpx.Request("GET", "https://idp.test", headers={"If-None-Match": usable})
    assert usable in {etag, None}


@given(control=header_values, age=header_values)
def test_any_cache_control_gives_a_number_of_seconds_or_none(control: str, age: str) -> None:
    seconds = max_age({"cache-control": control, "age": age})
    assert seconds is None or 0 <= seconds < 10**9
