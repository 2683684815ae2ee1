"""First tables of what rules decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0004"
down_revision = "events_0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "decision_batches",
        sa.Column("first_row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("ranges", sa.Text(), server_default="[]", nullable=False),
        sa.Column("events", NUMBER, nullable=False),
        sa.Column("taken_at_ms", NUMBER, nullable=False),
        sa.Column("decided_at_ms", NUMBER, nullable=True),
        sa.Column("sets", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("first_row_id", name=op.f("decision_batches_pkey")),
    )
    op.create_index(
        op.f("decision_batches_decided_at_ms_taken_at_ms_index"), "decision_batches", ["decided_at_ms", "taken_at_ms"]
    )
    op.create_table(
        "decisions",
        sa.Column("row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("is_file", NUMBER, nullable=False),
        sa.Column("set_no", NUMBER, nullable=False),
        sa.Column("matched", sa.Text(), nullable=False),
        sa.Column("drafts", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("faults", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("decided_at_ms", NUMBER, nullable=False),
        sa.Column("handed_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("decisions_pkey")),
    )
    op.create_index(op.f("decisions_tenant_id_row_id_index"), "decisions", ["tenant_id", "row_id"])
    op.create_index(op.f("decisions_handed_at_ms_row_id_index"), "decisions", ["handed_at_ms", "row_id"])
    op.create_table(
        "rule_hits",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hits", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "rule_id", "version", "at_ms", name=op.f("rule_hits_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("rule_hits_at_ms_index"), "rule_hits", ["at_ms"])


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("rule_hits")
    op.drop_table("decisions")
    op.drop_table("decision_batches")
