"""Alerts: how they stand, what is remembered between events, what is to be told, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0014"
down_revision = "core_0013"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _alerts()
    _alert_groups()
    _alert_counts()
    _alert_batches()
    _alert_marks()
    _alert_orders()
    _alert_hits()
    _notices()
    _notice_alerts()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("notice_alerts")
    op.drop_table("notices")
    op.drop_table("alert_hits")
    op.drop_table("alert_orders")
    op.drop_table("alert_marks")
    op.drop_table("alert_batches")
    op.drop_table("alert_counts")
    op.drop_table("alert_groups")
    op.drop_table("alerts")


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_version", NUMBER, nullable=False),
        sa.Column("rule_name", sa.Text(), server_default="", nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("started_at_ms", NUMBER, nullable=False),
        sa.Column("seen_at_ms", NUMBER, nullable=False),
        sa.Column("happenings", NUMBER, nullable=False),
        sa.Column("lapses_at_ms", NUMBER, nullable=True),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.Column("told", NUMBER, nullable=True),
        sa.Column("end_told", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("held_by", sa.Text(), server_default="", nullable=False),
        sa.Column("steps", sa.Text(), server_default="[]", nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("alerts_pkey")),
    )
    _alert_indexes()


def _alert_indexes() -> None:
    op.create_index(op.f("alerts_group_key_index"), "alerts", ["group_key"], unique=False)
    op.create_index(op.f("alerts_live_tenant_id_number_index"), "alerts", ["live", "tenant_id", "number"], unique=False)
    op.create_index(
        op.f("alerts_tenant_id_fingerprint_started_at_ms_index"),
        "alerts",
        ["tenant_id", "fingerprint", "started_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("alerts_tenant_id_rule_id_seen_at_ms_alert_id_index"),
        "alerts",
        ["tenant_id", "rule_id", "seen_at_ms", "alert_id"],
        unique=False,
    )
    op.create_index(
        op.f("alerts_tenant_id_seen_at_ms_alert_id_index"),
        "alerts",
        ["tenant_id", "seen_at_ms", "alert_id"],
        unique=False,
    )
    op.create_index(
        op.f("alerts_tenant_id_status_seen_at_ms_alert_id_index"),
        "alerts",
        ["tenant_id", "status", "seen_at_ms", "alert_id"],
        unique=False,
    )
    op.create_index(op.f("alerts_updated_at_ms_index"), "alerts", ["updated_at_ms"], unique=False)


def _alert_groups() -> None:
    op.create_table(
        "alert_groups",
        sa.Column("group_key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), server_default="{}", nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("flush_at_ms", NUMBER, nullable=True),
        sa.Column("told_at_ms", NUMBER, nullable=True),
        sa.Column("untaken_since_ms", NUMBER, nullable=True),
        sa.Column("level", NUMBER, server_default=sa.text("(-1)"), nullable=False),
        sa.Column("reached", NUMBER, server_default=sa.text("(-1)"), nullable=False),
        sa.PrimaryKeyConstraint("group_key", name=op.f("alert_groups_pkey")),
    )


def _alert_counts() -> None:
    op.create_table(
        "alert_counts",
        sa.Column("count_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.Text(), server_default="[]", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("missed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.PrimaryKeyConstraint("count_id", name=op.f("alert_counts_pkey")),
    )


def _alert_batches() -> None:
    op.create_table(
        "alert_batches",
        sa.Column("first_row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("taken_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("first_row_id", name=op.f("alert_batches_pkey")),
    )
    op.create_index(op.f("alert_batches_taken_at_ms_index"), "alert_batches", ["taken_at_ms"], unique=False)


def _alert_marks() -> None:
    op.create_table(
        "alert_marks",
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("alert_marks_pkey")),
    )


def _alert_orders() -> None:
    op.create_table(
        "alert_orders",
        sa.Column("order_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("done_at_ms", NUMBER, nullable=True),
        sa.Column("too_late", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("alert_orders_pkey")),
    )
    op.create_index(op.f("alert_orders_done_at_ms_at_ms_index"), "alert_orders", ["done_at_ms", "at_ms"], unique=False)


def _alert_hits() -> None:
    op.create_table(
        "alert_hits",
        sa.Column("row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("rule_version", NUMBER, nullable=False),
        sa.Column("is_file", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), server_default="", nullable=False),
        sa.Column("counted", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("row_id", "rule_id", name=op.f("alert_hits_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("alert_hits_alert_id_row_id_index"), "alert_hits", ["alert_id", "row_id"], unique=False)
    op.create_index(op.f("alert_hits_at_ms_index"), "alert_hits", ["at_ms"], unique=False)


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("level", NUMBER, nullable=False),
        sa.Column("receivers", sa.Text(), server_default="[]", nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("body", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at_ms", NUMBER, nullable=True),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("notices_pkey")),
    )
    op.create_index(
        op.f("notices_state_next_at_ms_notice_id_index"), "notices", ["state", "next_at_ms", "notice_id"], unique=False
    )
    op.create_index(
        op.f("notices_tenant_id_at_ms_notice_id_index"), "notices", ["tenant_id", "at_ms", "notice_id"], unique=False
    )
    op.create_index(
        op.f("notices_tenant_id_group_key_at_ms_index"), "notices", ["tenant_id", "group_key", "at_ms"], unique=False
    )
    op.create_index(op.f("notices_updated_at_ms_index"), "notices", ["updated_at_ms"], unique=False)


def _notice_alerts() -> None:
    op.create_table(
        "notice_alerts",
        sa.Column("alert_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.Text(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "notice_id", name=op.f("notice_alerts_pkey")),
        sqlite_with_rowid=False,
    )
