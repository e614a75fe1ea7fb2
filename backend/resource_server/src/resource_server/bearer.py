"""The Bearer token of a request (RFC 6750, section 2.1), read from the headers of an ASGI scope."""

from collections.abc import Iterable

from resource_server.verification.errors import TokenInvalid, TokenMissing
from resource_server.verification.rules import Rule

Headers = Iterable[tuple[bytes, bytes]]


def authorization(headers: Headers) -> bytes | None:
    """The value of the Authorization header, or None without one. Raises TokenInvalid for more than one."""
    sent: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            if sent is not None:
                raise TokenInvalid("more than one Authorization header was sent", Rule.AUTHORIZATION_HEADER)
            sent = value
    return sent


def bearer_token(headers: Headers) -> str | None:
    """The Bearer token, or None when there is no Authorization header.

    Raises TokenMissing for another scheme, TokenInvalid for more than one header.
    """
    sent = authorization(headers)
    if sent is None:
        return None
    scheme, _, token = sent.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing("the Authorization header is of another scheme", Rule.AUTHORIZATION_HEADER)
    return token.strip(" ")
