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
    assert to_identity_provider(headers, "203.0.113.9", "id-1") == [
        (b"origin", b"https://app.example.com"),
        (b"cookie", b"a=b"),
        (b"user-agent", b"browser"),
        (b"x-request-id", b"id-1"),
        (b"x-forwarded-for", b"203.0.113.9"),
    ]


def test_caller_gets_every_cookie() -> None:
    headers = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"), (b"Date", b"x"), (b"Connection", b"close")]
    assert to_caller(headers) == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
