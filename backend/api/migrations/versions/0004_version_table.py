"""The API's role reads and writes the notes; which migrations have run is none of its business."""

import os

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    role = os.environ.get("API_DATABASE_ROLE", "api")
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        grantee = connection.dialect.identifier_preparer.quote_identifier(role)
        op.execute(f"REVOKE ALL ON app.alembic_version FROM {grantee}")


def downgrade() -> None:
    """Nothing to do: it had no use for it before."""
