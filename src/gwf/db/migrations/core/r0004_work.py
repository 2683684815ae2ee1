"""First tables of the work that is given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _tasks()
    _task_attempts()
    _task_events()
    _routing_rules()
    _notifications()
    _counters()
    _leases()
    _asks()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("asks")
    op.drop_table("leases")
    op.drop_table("counters")
    op.drop_table("notifications")
    op.drop_table("routing_rules")
    op.drop_table("task_events")
    op.drop_table("task_attempts")
    op.drop_table("tasks")


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("priority", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("retry_count", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("max_retries", NUMBER, server_default=sa.text("3"), nullable=False),
        sa.Column("run_no", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("fence", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("next_run_at_ms", NUMBER, nullable=True),
        sa.Column("deadline_at_ms", NUMBER, nullable=True),
        sa.Column("lease_until_ms", NUMBER, nullable=True),
        sa.Column("file_event_id", NUMBER, nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("rule_version", NUMBER, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("finished_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("task_id", name=op.f("tasks_pkey")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("tasks_tenant_id_idempotency_key_key")),
    )
    op.create_index(op.f("tasks_agent_id_status_index"), "tasks", ["agent_id", "status"], unique=False)
    op.create_index(
        op.f("tasks_tenant_id_created_at_ms_task_id_index"),
        "tasks",
        ["tenant_id", "created_at_ms", "task_id"],
        unique=False,
    )
    op.create_index(
        op.f("tasks_tenant_id_status_priority_created_at_ms_index"),
        "tasks",
        ["tenant_id", "status", "priority", "created_at_ms"],
        unique=False,
    )


def _task_attempts() -> None:
    op.create_table(
        "task_attempts",
        sa.Column("task_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("run_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("node", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("attempt_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at_ms", NUMBER, nullable=False),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", "run_no", "node", "attempt_no", name=op.f("task_attempts_pkey")),
        sqlite_with_rowid=False,
    )


def _task_events() -> None:
    op.create_table(
        "task_events",
        sa.Column("event_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), server_default="", nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("event_no", name=op.f("task_events_pkey")),
    )
    op.create_index(op.f("task_events_task_id_event_no_index"), "task_events", ["task_id", "event_no"], unique=False)


def _routing_rules() -> None:
    op.create_table(
        "routing_rules",
        sa.Column("rule_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("priority", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("matcher", sa.Text(), server_default="{}", nullable=False),
        sa.Column("actions", sa.Text(), server_default="[]", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("published_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("rule_id", "version", name=op.f("routing_rules_pkey")),
    )
    op.create_index(
        op.f("routing_rules_tenant_id_state_priority_index"),
        "routing_rules",
        ["tenant_id", "state", "priority"],
        unique=False,
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("event_id", NUMBER, nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="{}", nullable=False),
        sa.Column("attempts", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("next_at_ms", NUMBER, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("sent_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("notifications_pkey")),
    )
    op.create_index(
        op.f("notifications_state_next_at_ms_index"), "notifications", ["state", "next_at_ms"], unique=False
    )
    op.create_index(
        op.f("notifications_tenant_id_created_at_ms_index"),
        "notifications",
        ["tenant_id", "created_at_ms"],
        unique=False,
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("counters_pkey")),
        sqlite_with_rowid=False,
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("leases_pkey")),
    )


def _asks() -> None:
    op.create_table(
        "asks",
        sa.Column("ask_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("deadline_at_ms", NUMBER, nullable=False),
        sa.Column("fetched", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("ask_id", name=op.f("asks_pkey")),
    )
    op.create_index(op.f("asks_agent_id_index"), "asks", ["agent_id"], unique=False)
    op.create_index(op.f("asks_deadline_at_ms_index"), "asks", ["deadline_at_ms"], unique=False)
