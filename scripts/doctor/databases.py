"""The database, as each side reaches it, and whether both reach the same one."""

from collections.abc import Iterator

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

from notes_api.names import MIGRATE, NAMES
from resource_server.doctor.connecting import Unreachable, connected
from resource_server.doctor.database import examine_feed, one, origins
from resource_server.doctor.finding import Finding, fault
from scripts.doctor.in_use import InUse
from scripts.paths import API

OWNER = "Database of the identity provider"
READER = "Database of the API"
TABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")


def examine(use: InUse) -> list[Finding]:
    found: list[Finding] = []
    named_by_owner: tuple[str, ...] = ()
    try:
        with connected(use.web["DATABASE_URL"], OWNER, "DATABASE_URL of the identity provider", NAMES) as owner:
            found += migrated(owner)
            if not found:
                named_by_owner = origins(owner, "auth")
                found.append(Finding(f"{OWNER}: migrated"))
    except Unreachable as unreachable:
        found.append(unreachable.finding)
    follows_database = use.api.get("REVOCATION_FEED", "postgres") == "postgres"
    if follows_database:
        feed = examine_feed(
            use.api["DATABASE_URL"],
            variable="DATABASE_URL of the API",
            listening=use.api.get("DATABASE_URL_UNPOOLED"),
            names=NAMES,
        )
        found += feed.findings
        if named_by_owner and feed.origins and set(named_by_owner).isdisjoint(feed.origins):
            found.append(other_database())
    try:
        with connected(use.api["DATABASE_URL"], READER, "DATABASE_URL of the API", NAMES) as reader:
            found += notes(reader)
    except Unreachable as unreachable:
        if not follows_database:
            found.append(unreachable.finding)
    return found


def migrated(owner: psycopg.Connection) -> Iterator[Finding]:
    if one(owner, "SELECT to_regclass('auth.session')") is None or one(owner, "SELECT to_regclass('app.note')") is None:
        yield fault(OWNER, "not_migrated", "it has not been prepared", MIGRATE)
        return
    head = ScriptDirectory.from_config(Config(API / "alembic.ini")).get_current_head()
    present = one(owner, "SELECT version_num FROM app.alembic_version")
    if present != head:
        problem = f"the API's tables are of version {present}; this program needs {head}"
        yield fault(OWNER, "tables_outdated", problem, MIGRATE)


def notes(reader: psycopg.Connection) -> Iterator[Finding]:
    """What the API does with its own tables, under its own role."""
    table = one(
        reader,
        "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'app' AND c.relname = 'note'",
    )
    if table is None:
        yield fault(READER, "not_migrated", "it has no table app.note", MIGRATE)
        return
    lacking = [] if one(reader, "SELECT has_schema_privilege('app', 'USAGE')") else ["USAGE on schema app"]
    lacking += [
        f"{privilege} on app.note"
        for privilege in TABLE
        if not one(reader, "SELECT has_table_privilege(%s::oid, %s)", table, privilege)
    ]
    for privilege in lacking:
        yield fault(READER, "grant_missing", f"role {reader.info.user} lacks {privilege}", MIGRATE)


def other_database() -> Finding:
    problem = "the API's DATABASE_URL leads to another database than the identity provider's"
    remedy = "let both lead to one database: until then what is revoked is not refused"
    return fault("Both databases", "other_database", problem, remedy)
