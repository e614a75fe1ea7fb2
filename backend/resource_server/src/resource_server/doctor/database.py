"""The revocation feed in Postgres, as a resource server's role finds it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import psycopg
from psycopg import sql

from resource_server.doctor.connecting import Unreachable, connected
from resource_server.doctor.finding import Finding, fault, warning
from resource_server.names import VARIABLES, Names
from resource_server.revocation.grants import FUNCTIONS
from resource_server.revocation.page import SCHEMA_VERSION

SUBJECT: Final = "Revocation feed in Postgres"
TABLE: Final = "revocation"
NOTIFICATION_SECONDS: Final = 1.0
INCOMPLETE: Final = {"not_migrated", "grant_missing", "feed_outdated"}
"""With these, the feed can't be asked."""

READABLE: Final = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v') AND c.relname NOT LIKE 'revocation%%'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
    ORDER BY c.relname
"""
RELATION: Final = """
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s
"""
FUNCTION: Final = """
    SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = %s AND p.proname = %s ORDER BY p.oid LIMIT 1
"""
DISABLED: Final = """
    SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname LIKE 'revocation%%' AND t.tgenabled = 'D'
"""


@dataclass
class FeedInDatabase:
    """What was found. ``origins``: the names of the database, see ``resource_server.origin``."""

    findings: list[Finding] = field(default_factory=list)
    origins: tuple[str, ...] = ()


def examine_feed(
    address: str,
    *,
    variable: str = "DATABASE_URL",
    schema: str = "auth",
    listening: str | None = None,
    names: Names = VARIABLES,
) -> FeedInDatabase:
    """All that a reader needs. ``variable`` holds ``address``; ``listening``: the one for LISTEN, if it is another."""
    found = FeedInDatabase()
    try:
        with connected(address, SUBJECT, variable, names) as connection:
            found.findings += privileges(connection, schema, variable, names)
            if not any(finding.code in INCOMPLETE for finding in found.findings):
                found.findings += installation(connection, schema, names)
                found.origins = origins(connection, schema)
        found.findings += notifications(listening or address, "DATABASE_URL_UNPOOLED" if listening else variable, names)
    except Unreachable as unreachable:
        found.findings.append(unreachable.finding)
    if not found.findings:
        found.findings.append(Finding(f"{SUBJECT}: installed, complete, granted, and notifications arrive"))
    return found


def privileges(connection: psycopg.Connection, schema: str, variable: str, names: Names) -> Iterator[Finding]:
    """Neither less than the feed takes, nor more."""
    role = connection.info.user
    readable = [row[0] for row in connection.execute(READABLE, [schema])]
    if readable:
        yield fault(
            SUBJECT,
            "role_reads_too_much",
            f"role {role} ({variable}) can read {schema}.{', '.join(readable[:3])}: it owns that, or was granted it",
            f"give the API a role of its own: put its address into {variable}, then {names.grant.format(role='ROLE')}",
        )
    relation = one(connection, RELATION, schema, TABLE)
    if relation is None:
        yield fault(SUBJECT, "not_migrated", f"the database has no {schema}.{TABLE}", names.migrate)
        return
    lacking = [
        (f"USAGE on schema {schema}", one(connection, "SELECT has_schema_privilege(%s, 'USAGE')", schema)),
        (f"SELECT on {schema}.{TABLE}", one(connection, "SELECT has_table_privilege(%s::oid, 'SELECT')", relation)),
    ]
    for function in FUNCTIONS:
        known = one(connection, FUNCTION, schema, function)
        if known is None:
            problem = f"the database lacks {schema}.{function}, or has an earlier version"
            yield fault(SUBJECT, "feed_outdated", problem, names.migrate)
            return
        granted = one(connection, "SELECT has_function_privilege(%s::oid, 'EXECUTE')", known)
        lacking.append((f"EXECUTE on {schema}.{function}", granted))
    for privilege, granted in lacking:
        if not granted:
            yield fault(
                SUBJECT, "grant_missing", f"role {role} ({variable}) lacks {privilege}", names.grant.format(role=role)
            )


def installation(connection: psycopg.Connection, schema: str, names: Names) -> Iterator[Finding]:
    """The version, and the triggers that write revocations."""
    name = sql.Identifier(schema)
    query = sql.SQL("SELECT * FROM {}.revocation_page(NULL, 0)").format(name)
    row = connection.execute(query)
    columns = [column.name for column in row.description or ()]
    values = dict(zip(columns, row.fetchone() or (), strict=False))
    version = values.get("version") or 1
    if version < SCHEMA_VERSION:
        problem = f"the database has version {version} of the feed; this program needs {SCHEMA_VERSION}"
        yield fault(SUBJECT, "feed_outdated", problem, names.migrate)
    missing = sql.SQL("SELECT {}.missing_revocation_triggers()").format(name)
    disabled = {row[0] for row in connection.execute(DISABLED)}
    for (absent,) in connection.execute(missing).fetchall():
        state = "disabled" if absent in disabled else "dropped or altered"
        problem = f"{absent} is {state}: sessions that end by it are not revoked"
        yield fault(SUBJECT, "trigger_missing", problem, names.migrate)


def origins(connection: psycopg.Connection, schema: str) -> tuple[str, ...]:
    row = connection.execute(sql.SQL("SELECT {}.revocation_origins()").format(sql.Identifier(schema))).fetchone()
    return tuple(row[0]) if row else ()


def notifications(address: str, variable: str, names: Names) -> Iterator[Finding]:
    """Whether notifications of one connection reach another."""
    channel = sql.Identifier(f"doctor_{uuid4().hex}")
    with (
        connected(address, SUBJECT, variable, names) as listener,
        connected(address, SUBJECT, variable, names) as speaker,
    ):
        listener.execute(sql.SQL("LISTEN {}").format(channel))
        speaker.execute(sql.SQL("NOTIFY {}").format(channel))
        if not list(listener.notifies(timeout=NOTIFICATION_SECONDS, stop_after=1)):
            yield warning(
                SUBJECT,
                "pooled_address",
                f"no notification arrives over {variable}, as behind a pooler: the table is polled once a second",
                "set DATABASE_URL_UNPOOLED to the direct address of the same database",
            )


def one(connection: psycopg.Connection, query: str, *values: object) -> object:
    """The first column of the first row, or None."""
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
