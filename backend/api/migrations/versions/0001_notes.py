"""Schema `app`: the notes, and what the API's role may do with them."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.String(10_000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        schema="app",
    )
    op.create_index("note_by_owner", "note", ["owner_id", "created_at", "id"], schema="app")
    connection = op.get_bind()
    role = os.environ.get("API_DATABASE_ROLE", "api")
    if connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        grantee = connection.dialect.identifier_preparer.quote_identifier(role)
        op.execute(f"GRANT USAGE ON SCHEMA app TO {grantee}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON app.note TO {grantee}")


def downgrade() -> None:
    op.drop_table("note", schema="app")
