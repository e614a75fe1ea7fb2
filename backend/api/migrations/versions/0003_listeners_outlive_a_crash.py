"""The feed's readers are remembered beyond a crash of the database, so that a revocation waits for them then too."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL_FILE = Path(__file__).parents[1] / "sql" / "revocation.sql"


def upgrade() -> None:
    # The table used to be unlogged. Its rows are written anew within seconds.
    op.execute("DROP TABLE auth.revocation_listener")
    op.get_bind().exec_driver_sql(SQL_FILE.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Nothing to do: the file that revision 0002 runs makes the same."""
