"""Which addresses the library connects to: https, or http on this machine; Postgres with an encoded password."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: an address of RFC 1122, section 3.2.1.3, ``::1``, or a name of RFC 6761."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(name: str, address: str, danger: str) -> None:
    """Raise ValueError unless the address is https, or http on loopback.

    ``name`` is the setting's and ``danger`` what plain http would allow, both for the message.
    """
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if (
        not host
        or url.scheme not in {"http", "https"}
        or "@" in url.netloc
        or url.fragment
        or not address.isprintable()
    ):
        raise ValueError(f"{name} must be an https address without user name, password or fragment")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{name} must use https, except on loopback: {danger}")


def has_encoded_password(dsn: str) -> bool:
    """Whether libpq reads this address of Postgres as it is meant.

    What follows an unencoded ``@`` or ``/`` of the password it takes for the host, and names that in its errors.
    """
    scheme, _, rest = dsn.partition("://")
    authority, _, path = rest.partition("/")
    return scheme not in {"postgresql", "postgres"} or (authority.count("@") <= 1 and "@" not in path.partition("?")[0])
