"""What dead letters follow is found without looking at everything else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0005"
down_revision = "events_0004"
branch_labels = None
depends_on = None

_GIVEN_UP = sa.text("status IN (3, 9, 10)")
_FAULTY = sa.text("faults > 0")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index(
        "file_events_given_up_index",
        "file_events",
        ["row_id"],
        sqlite_where=_GIVEN_UP,
        postgresql_where=_GIVEN_UP,
    )
    op.create_index(
        "decisions_faulty_index", "decisions", ["decided_at_ms"], sqlite_where=_FAULTY, postgresql_where=_FAULTY
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("decisions_faulty_index", table_name="decisions")
    op.drop_index("file_events_given_up_index", table_name="file_events")
