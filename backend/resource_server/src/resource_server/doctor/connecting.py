"""Connecting to Postgres, and what it means when that fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from resource_server.addresses import has_encoded_password
from resource_server.doctor.finding import Finding, fault
from resource_server.names import VARIABLES, Names

SECONDS = 5


class Unreachable(Exception):
    """No connection; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@contextmanager
def connected(address: str, subject: str, variable: str, names: Names = VARIABLES) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode. Raises Unreachable, which names the variable that holds the address."""
    place = place_of(address)
    if place is None:
        raise Unreachable(no_address(subject, variable))
    try:
        connection = psycopg.connect(address, autocommit=True, connect_timeout=SECONDS, prepare_threshold=None)
    except psycopg.Error as error:
        raise Unreachable(refused(error, place, subject, variable, names)) from None
    with connection:
        yield connection


def no_address(subject: str, variable: str) -> Finding:
    return fault(
        subject,
        "database_address",
        f"{variable} is no address of a database",
        "write it as postgresql://user:password@host/database; percent-encode what is special in the password"
        " (@ is %40)",
    )


def refused(error: psycopg.Error, place: str, subject: str, variable: str, names: Names) -> Finding:
    """By what libpq says: before authentication there is no SQLSTATE to go by."""
    said = " ".join(str(error).split())
    made = f", or {names.make_role}" if names.make_role else ""
    if "password authentication failed" in said or "no password supplied" in said:
        return fault(
            subject,
            "database_password",
            f"the database refuses the user name or the password in {variable}",
            f"correct the password in {variable}{made}",
        )
    if "does not exist" in said:
        return fault(
            subject,
            "database_missing",
            f"{variable}: {said.rpartition('FATAL: ')[2]}",
            f"create it, or correct {variable}{made}",
        )
    if "certificate" in said or "SSL" in said:
        return fault(
            subject,
            "database_tls",
            f"{variable}: no TLS connection: {said.rpartition(': ')[2]}",
            "use sslmode=verify-full with sslrootcert naming the authority (sslrootcert=system for a public one)",
        )
    return fault(
        subject,
        "database_unreachable",
        f"no connection to {place} ({variable})",
        f"start the database, or correct host and port of {variable}",
    )


def place_of(address: str) -> str | None:
    """Hosts and ports, without user and password; None for what is no address, or would not be read as it is meant."""
    if not has_encoded_password(address):
        return None
    try:
        parts = conninfo_to_dict(address)
        hosts = str(parts.get("host") or "the local socket").split(",")
        ports = [int(port or 5432) for port in str(parts.get("port") or "").split(",")]
    except (psycopg.ProgrammingError, ValueError):
        return None
    if len(ports) not in {1, len(hosts)} or any("@" in host for host in hosts if not host.startswith("/")):
        return None
    return ", ".join(f"{host}:{port}" for host, port in zip(hosts, ports * len(hosts), strict=False))
