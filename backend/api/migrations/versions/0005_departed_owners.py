"""Whose notes are to be erased: written by a trigger on the identity provider's users, emptied by the API."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departed_owner",
        sa.Column("owner_id", sa.Text, primary_key=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=False),
        schema="app",
    )
    connection = op.get_bind()
    role = os.environ.get("API_DATABASE_ROLE", "api")
    if connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        grantee = connection.dialect.identifier_preparer.quote_identifier(role)
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON app.departed_owner TO {grantee}")


def downgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS app.owner_departed() CASCADE")
    op.drop_table("departed_owner", schema="app")
