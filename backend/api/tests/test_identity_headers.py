"""What the relay passes on, and whose address it names."""

from ipaddress import ip_network

import pytest

from notes_api.identity.headers import client_address, end_to_end, to_caller, to_identity_provider

TRUSTED = (ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        pytest.param("203.0.113.9", [], "203.0.113.9", id="direct"),
        pytest.param("203.0.113.9", ["198.51.100.1"], "203.0.113.9", id="untrusted peer's word is dropped"),
        pytest.param("127.0.0.1", ["198.51.100.1"], "198.51.100.1", id="trusted proxy is believed"),
        pytest.param("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1", id="chain of trusted proxies"),
        pytest.param("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1", id="several fields are one list"),
        pytest.param("127.0.0.1", [], "127.0.0.1", id="local caller"),
        pytest.param("10.0.0.7", ["unknown, 10.0.0.8"], "10.0.0.8", id="left of an unreadable hop is hearsay"),
        pytest.param("10.0.0.7", ["198.51.100.1:443"], "10.0.0.7", id="not an address"),
        pytest.param("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1", id="mapped address"),
        pytest.param(None, ["198.51.100.1"], "198.51.100.1", id="unix socket"),
        pytest.param(None, [], None, id="unix socket, nothing said"),
    ],
)
def test_client_address(peer: str | None, forwarded: list[str], expected: str | None) -> None:
    assert client_address(peer, forwarded, TRUSTED) == expected


def test_hop_by_hop_fields_and_those_that_connection_names_are_dropped() -> None:
    headers = [
        (b"Connection", b"keep-alive, X-Private"),
        (b"connection", b"close"),
        (b"X-Private", b"1"),
        (b"Keep-Alive", b"timeout=5"),
        (b"TE", b"trailers"),
        (b"Trailer", b"X-Sum"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Upgrade", b"h2c"),
        (b"Proxy-Authorization", b"Basic x"),
        (b"Cookie", b"a=b"),
    ]
    assert end_to_end(headers) == [(b"cookie", b"a=b")]


def test_identity_provider_gets_what_the_caller_sent_and_the_address_that_counts() -> None:
    headers = [
        (b"host", b"api.example.com"),
        (b"origin", b"https://app.example.com"),
        (b"cookie", b"a=b"),
        (b"user-agent", b"browser"),
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"x-forwarded-host", b"evil.example.com"),
        (b"forwarded", b"for=6.6.6.6"),
        (b"x-request-id", b"bad id"),
        (b"content-length", b"2"),
    ]
    assert to_identity_provider(headers, "203.0.113.9", "id-1", "X-Real-IP") == [
        (b"origin", b"https://app.example.com"),
        (b"cookie", b"a=b"),
        (b"user-agent", b"browser"),
        (b"x-request-id", b"id-1"),
        (b"x-forwarded-for", b"203.0.113.9"),
        (b"x-real-ip", b"203.0.113.9"),
    ]


ADDRESS_FIELDS = [
    *("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-Forwarded-For", "X-Real-IP"),
    *("X-Client-IP", "Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Connecting-IPv6"),
    *("Fastly-Client-IP", "Fly-Client-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP", "X-Real_IP"),
    *("X-Vercel-Forwarded-For", "X-Vercel-Proxied-For", "X-NF-Client-Connection-IP", "DO-Connecting-IP", "X_Client_IP"),
    *("X-Envoy-External-Address", "CloudFront-Viewer-Address", "Incap-Client-IP", "WL-Proxy-Client-IP", "X-Remote-IP"),
]


@pytest.mark.parametrize("configured", ["x-client-ip", "cf-connecting-ip", "x-forwarded-for", "x-unheard-of"])
@pytest.mark.parametrize("forged", [*ADDRESS_FIELDS, "X-Unheard-Of"])
def test_no_caller_names_its_own_address(forged: str, configured: str) -> None:
    passed = to_identity_provider([(forged.encode(), b"6.6.6.6")], "203.0.113.9", "id-1", configured)
    if forged.lower() == "x-unheard-of" != configured:
        assert passed.pop(0) == (b"x-unheard-of", b"6.6.6.6"), "an ordinary field passes"
    assert {name.decode(): value for name, value in passed[1:]} == dict.fromkeys(
        {"x-forwarded-for", configured}, b"203.0.113.9"
    )


def test_a_caller_whose_address_is_unknown_has_none() -> None:
    assert to_identity_provider([(b"x-client-ip", b"6.6.6.6")], None, "id-1", "x-client-ip") == [
        (b"x-request-id", b"id-1")
    ]


def test_caller_gets_every_cookie() -> None:
    headers = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"), (b"Date", b"x"), (b"Connection", b"close")]
    assert to_caller(headers) == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
