"""First tables of sums over what happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0003"
down_revision = "events_0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _file_rollups()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("file_rollups")


def _file_rollups() -> None:
    op.create_table(
        "file_rollups",
        sa.Column("step_ms", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("label_set_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("store", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("status", NUMBER, autoincrement=False, nullable=False),
        sa.Column("error_class", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("events", NUMBER, nullable=False),
        sa.Column("size_bytes", NUMBER, nullable=False),
        sa.Column("timed", NUMBER, nullable=False),
        sa.Column("duration_ms", NUMBER, nullable=False),
        sa.Column("max_duration_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint(
            "step_ms",
            "at_ms",
            "tenant_id",
            "agent_id",
            "label_set_id",
            "store",
            "status",
            "error_class",
            name=op.f("file_rollups_pkey"),
        ),
        sqlite_with_rowid=False,
    )
