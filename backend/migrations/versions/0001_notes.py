"""Schema `app`: the notes, and what the API's role may do with them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'api') THEN
        CREATE ROLE api NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this server was migrated at the same moment
END
$$
"""


def upgrade() -> None:
    op.execute(ROLE)
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
    op.execute("GRANT USAGE ON SCHEMA app TO api")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON app.note TO api")


def downgrade() -> None:
    op.drop_table("note", schema="app")
