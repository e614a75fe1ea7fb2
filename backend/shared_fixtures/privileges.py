"""What a database role may do, read from the catalog rather than tried out."""

import psycopg

OURS = "n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"
RELATION = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
SEQUENCE = ("USAGE", "SELECT", "UPDATE")
COLUMN = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


def privileges(connection: psycopg.Connection, role: str) -> set[str]:
    """Everything outside of Postgres' own schemas.

    As `database: CONNECT`, `schema s: USAGE`, `s.table: SELECT` or `s.function(text): EXECUTE`.
    """
    asked: list[tuple[str, str, tuple[str, ...]]] = [
        (
            "'schema ' || n.nspname",
            "pg_namespace n WHERE has_schema_privilege(%(r)s, n.oid, %(p)s)",
            ("USAGE", "CREATE"),
        ),
        (
            "p.oid::regprocedure::text",
            "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE has_function_privilege(%(r)s, p.oid, %(p)s)",
            ("EXECUTE",),
        ),
        (
            "c.oid::regclass::text",
            "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_table_privilege(%(r)s, c.oid, %(p)s)",
            RELATION,
        ),
        (
            "'a column of ' || c.oid::regclass::text",
            "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')"
            " AND has_any_column_privilege(%(r)s, c.oid, %(p)s) AND NOT has_table_privilege(%(r)s, c.oid, %(p)s)",
            COLUMN,
        ),
        (
            "c.oid::regclass::text",
            "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(%(r)s, c.oid, %(p)s) END",
            SEQUENCE,
        ),
    ]
    allowed = "SELECT has_database_privilege(%s, current_database(), %s)"
    found = {
        f"database: {kind}"
        for kind in ("CONNECT", "CREATE", "TEMPORARY")
        if connection.execute(allowed, (role, kind)).fetchone() == (True,)
    }
    connection.execute("SET search_path = pg_catalog")
    for name, source, kinds in asked:
        for kind in kinds:
            rows = connection.execute(
                f"SELECT {name} FROM {source} AND {OURS}",
                {"r": role, "p": kind},
            )
            found |= {f"{row[0]}: {kind}" for row in rows}
    return found


OF_A_READER = {
    "schema auth: USAGE",
    "auth.revocation: SELECT",
    "auth.revocation_page(text,integer): EXECUTE",
    "auth.acknowledge_revocations(uuid,text): EXECUTE",
    "auth.missing_revocation_triggers(): EXECUTE",
    "auth.revocation_origins(): EXECUTE",
}
"""Of a resource server's role, by the revocation feed."""
OF_ANY_VERSION_OF_A_READER = OF_A_READER | {"auth.revocations_after(text,integer): EXECUTE"}
"""What the migration grants: a resource server may be upgraded after the database."""
OF_THE_API = OF_ANY_VERSION_OF_A_READER | {
    "schema app: USAGE",
    *(
        f"app.{table}: {kind}"
        for table in ("note", "departed_owner")
        for kind in ("SELECT", "INSERT", "UPDATE", "DELETE")
    ),
}
OF_EVERYBODY = {"schema public: USAGE", "database: CONNECT"}
"""In a database that this repository has prepared."""
OF_EVERYBODY_ANYWHERE = OF_EVERYBODY | {"database: TEMPORARY"}
"""In any database of Postgres 15 or later, where nobody has taken it away."""
