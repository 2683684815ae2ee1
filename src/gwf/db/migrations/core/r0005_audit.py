"""First tables of the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _audit_logs()
    _audit_heads()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("audit_heads")
    op.drop_table("audit_logs")


def _audit_logs() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("audit_logs_pkey")),
    )
    op.create_index(
        op.f("audit_logs_tenant_id_action_seq_index"), "audit_logs", ["tenant_id", "action", "seq"], unique=False
    )
    op.create_index(
        op.f("audit_logs_tenant_id_actor_id_seq_index"), "audit_logs", ["tenant_id", "actor_id", "seq"], unique=False
    )
    op.create_index(
        op.f("audit_logs_tenant_id_at_ms_seq_index"), "audit_logs", ["tenant_id", "at_ms", "seq"], unique=False
    )
    op.create_index(
        op.f("audit_logs_tenant_id_resource_kind_resource_id_seq_index"),
        "audit_logs",
        ["tenant_id", "resource_kind", "resource_id", "seq"],
        unique=False,
    )


def _audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("audit_heads_pkey")),
    )
