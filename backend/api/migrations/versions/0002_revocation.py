"""The revocation feed: its table, triggers and reading functions, and the API's right to read it.

The identity provider's tables must be there first: its own migrator makes them.
"""

import os
from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[1] / "sql" / "revocation.sql"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(SQL_FILE.read_text(encoding="utf-8").replace("%", "%%"))
    role = os.environ.get("API_DATABASE_ROLE", "api")
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        grantee = connection.dialect.identifier_preparer.quote_identifier(role)
        op.execute(f"GRANT USAGE ON SCHEMA auth TO {grantee}")
        op.execute(f"GRANT SELECT ON auth.revocation TO {grantee}")
        op.execute(f"GRANT EXECUTE ON FUNCTION auth.acknowledge_revocations(uuid, text) TO {grantee}")


def downgrade() -> None:
    for trigger, table in (
        ("revocation_session_deleted", "session"),
        ("revocation_session_shortened", "session"),
        ("revocation_session_truncated", "session"),
        ("revocation_user_changing", '"user"'),
        ("revocation_user_changed", '"user"'),
        ("revocation_user_deleted", '"user"'),
        ("revocation_user_truncated", '"user"'),
        ("revocation_password_changed", "account"),
    ):
        op.execute(f"DROP TRIGGER IF EXISTS {trigger} ON auth.{table}")
    op.execute("DROP TABLE auth.revocation, auth.revocation_listener")
    for function in (
        "revocation_added()",
        "session_deleted()",
        "session_shortened()",
        "session_truncated()",
        "user_changing()",
        "user_changed()",
        "user_deleted()",
        "user_truncated()",
        "password_changed()",
        "missing_revocation_triggers()",
        "revocations_after(text, integer)",
        "acknowledge_revocations(uuid, text)",
        "await_revocations(interval)",
        "last_heard(timestamptz, boolean)",
        "revocation_epoch()",
        "revoke_all()",
        "max_token_life()",
        "token_margin()",
    ):
        op.execute(f"DROP FUNCTION auth.{function}")
