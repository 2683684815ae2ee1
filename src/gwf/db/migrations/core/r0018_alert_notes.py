"""People write notes about alerts; of very many events one row tells of several; alerts are counted by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0018"
down_revision = "core_0017"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and the index, and add the column."""
    op.create_index(
        "alerts_spread_index",
        "alerts",
        ["tenant_id", "started_at_ms", "told", "held_by", "status", "severity", "rule_id", "owner"],
        unique=False,
    )
    op.create_table(
        "alert_notes",
        sa.Column("note_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("alert_notes_pkey")),
    )
    op.create_index(
        op.f("alert_notes_alert_id_at_ms_note_id_index"), "alert_notes", ["alert_id", "at_ms", "note_id"], unique=False
    )
    op.add_column("alert_hits", sa.Column("happenings", NUMBER, server_default="1", nullable=False))


def downgrade() -> None:
    """Take all of it away again, with the notes."""
    op.drop_index("alerts_spread_index", table_name="alerts")
    op.drop_column("alert_hits", "happenings")
    op.drop_table("alert_notes")
