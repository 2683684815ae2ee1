"""What rules of the centre need: their heads, the sets that were in force, and the rest of a version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and add the columns."""
    op.create_table(
        "rules",
        sa.Column("rule_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draft_version", NUMBER, nullable=True),
        sa.Column("published_version", NUMBER, nullable=True),
        sa.Column("last_version", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("rules_pkey")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("rules_tenant_id_name_key")),
    )
    op.create_table(
        "rule_sets",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("set_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("members", sa.Text(), server_default="[]", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "set_no", name=op.f("rule_sets_pkey")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("routing_rules") as table:
        table.add_column(sa.Column("options", sa.Text(), server_default="{}", nullable=False))
        table.add_column(sa.Column("updated_at_ms", NUMBER, server_default=sa.text("0"), nullable=False))
        table.add_column(sa.Column("retired_at_ms", NUMBER, nullable=True))


def downgrade() -> None:
    """Drop them; versions of rules stay without what the columns said."""
    with op.batch_alter_table("routing_rules") as table:
        for name in ("options", "updated_at_ms", "retired_at_ms"):
            table.drop_column(name)
    op.drop_table("rule_sets")
    op.drop_table("rules")
