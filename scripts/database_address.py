"""Addresses of databases: what an operator wrote, checked before anything connects with it."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from resource_server.doctor.connecting import place_of

NO_ADDRESS = (
    "is no address of a database: write it as postgresql://user:password@host/database, and percent-encode what is"
    " special in the password (@ is %40)"
)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Misconfigured(psycopg.Error):
    """The operator has to correct something; the message is one line that names it and the remedy."""


def parts_of(url: str, variable: str = "DATABASE_URL") -> SplitResult:
    """Raises Misconfigured for what is no address, or where drivers would not agree what the host is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    if parts is None or place_of(url) is None:
        raise Misconfigured(f"{variable} {NO_ADDRESS}")
    return parts


def unpooled(url: str) -> str:
    """The direct endpoint of a Neon URL, whose pooled host is named `…-pooler.…`; any other URL as it is."""
    parts = parts_of(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.replace("-pooler.", ".")))


def server_of(url: str) -> tuple[str, str]:
    """Host and port of the server, which knows one password for a role in all its databases."""
    parts_of(url)
    known = conninfo_to_dict(url)
    host = str(known.get("host") or "").lower().replace("-pooler.", ".")
    return "localhost" if host in LOOPBACK else host, str(known.get("port") or 5432)
