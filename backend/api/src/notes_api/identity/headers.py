"""Which header fields a gateway passes on (RFC 9110, section 7.6), and which address the request came from."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
OURS_TO_SAY = frozenset({b"host", b"content-length", b"x-request-id", b"expect"})
"""Set for the identity provider; the caller's values are not passed on."""
ADDRESS_FIELDS = frozenset(
    {
        b"ali-cdn-real-ip",
        b"cdn-src-ip",
        b"cf-pseudo-ipv4",
        b"cloudfront-viewer-address",
        b"forwarded",
        b"forwarded-for",
        b"remote-addr",
        b"x-appengine-user-ip",
        b"x-azure-socketip",
        b"x-envoy-external-address",
        b"x-host",
        b"x-nf-client-connection-ip",
        b"x-original-host",
        b"x-original-url",
        b"x-rewrite-url",
        b"x-remote-addr",
        b"x-remote-ip",
    }
)
"""Fields in which proxies and platforms put a client's address or the address that it asked for."""
ADDRESS_FIELD = re.compile(
    rb"x-(?:original-|vercel-)?(?:forwarded|proxied)(?:-.+)?|.*(?:client|connecting|real|cluster)-?ip(?:v6)?"
)
"""The rest of them by pattern: `x-forwarded-for`, `cf-connecting-ip`, `fly-client-ip`, `x-real-ip`, …"""
SERVER_SAYS = frozenset({b"date", b"server", b"x-request-id"})
"""Set by this server on every response."""


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Without the hop-by-hop fields, and without those that `Connection` names; names in lower case."""
    fields = [(name.lower(), value) for name, value in headers]
    named = {token.strip().lower() for name, value in fields if name == b"connection" for token in value.split(b",")}
    return [(name, value) for name, value in fields if name not in HOP_BY_HOP and name not in named]


def to_identity_provider(
    headers: Iterable[tuple[bytes, bytes]], client: str | None, request_id: str, address_field: str
) -> Headers:
    """The request's fields as the identity provider gets them.

    The client's address is in `X-Forwarded-For` and in `address_field`, where the identity provider looks for it.
    """
    trusted = {b"x-forwarded-for", address_field.lower().encode()}
    kept = [
        (name, value)
        for name, value in end_to_end(headers)
        if name not in OURS_TO_SAY and name not in trusted and not is_address_field(name)
    ]
    kept.append((b"x-request-id", request_id.encode()))
    if client is not None:
        kept.extend((name, client.encode()) for name in sorted(trusted))
    return kept


def is_address_field(name: bytes) -> bool:
    """Whether a field (in lower case) is one that a server may take a client's address from; `_` reads as `-`."""
    plain = name.replace(b"_", b"-")
    return plain in ADDRESS_FIELDS or ADDRESS_FIELD.fullmatch(plain) is not None


def to_caller(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The answer's fields as the caller gets them; several `Set-Cookie` stay several."""
    return [(name, value) for name, value in end_to_end(headers) if name not in SERVER_SAYS]


def client_address(
    peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]
) -> str | None:
    """The caller's address: the nearest hop that is not a trusted proxy.

    `peer` is the other end of the connection, None on a Unix socket, where only a local proxy can be; `forwarded_for`
    the values of the `X-Forwarded-For` fields. Entries to the left of an untrusted or unreadable hop can't be trusted.
    """
    nearest = None if peer is None else parse(peer)
    if peer is not None and (nearest is None or not is_trusted(nearest, trusted)):
        return peer if nearest is None else str(nearest)
    for hop in reversed([hop.strip() for value in forwarded_for for hop in value.split(",")]):
        address = parse(hop)
        if address is None:
            break
        nearest = address
        if not is_trusted(address, trusted):
            break
    return None if nearest is None else str(nearest)


def parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_trusted(address: IPv4Address | IPv6Address, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in trusted)
