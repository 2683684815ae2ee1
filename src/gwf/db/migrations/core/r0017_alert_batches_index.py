"""Removes an index that nothing asks: batches of events are found by their first row."""

from __future__ import annotations

from alembic import op

revision = "core_0017"
down_revision = "core_0016"
branch_labels = None
depends_on = None

_INDEX = "alert_batches_taken_at_ms_index"


def upgrade() -> None:
    """Drop the index."""
    op.drop_index(op.f(_INDEX), table_name="alert_batches")


def downgrade() -> None:
    """Make it again."""
    op.create_index(op.f(_INDEX), "alert_batches", ["taken_at_ms"], unique=False)
