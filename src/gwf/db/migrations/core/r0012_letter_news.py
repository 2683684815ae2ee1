"""Dead letters that changed lately are found, whichever process changed them, and runs that an event began."""

from __future__ import annotations

from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(op.f("letters_updated_at_ms_index"), "letters", ["updated_at_ms"], unique=False)
    op.create_index(op.f("flow_runs_event_row_id_index"), "flow_runs", ["event_row_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("flow_runs_event_row_id_index"), table_name="flow_runs")
    op.drop_index(op.f("letters_updated_at_ms_index"), table_name="letters")
