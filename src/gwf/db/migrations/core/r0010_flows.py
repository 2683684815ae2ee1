"""Flows, their versions and runs; and which run a task belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and add the columns."""
    _flows()
    _flow_versions()
    _flow_runs()
    _flow_run_steps()
    _flow_run_lines()
    with op.batch_alter_table("tasks") as table:
        table.add_column(sa.Column("flow_run_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("flow_step", sa.Text(), nullable=True))
    op.create_index(op.f("tasks_flow_run_id_index"), "tasks", ["flow_run_id"], unique=False)


def downgrade() -> None:
    """Drop them; steps that wait for a person are as good as dead, the other tasks stay."""
    op.execute("UPDATE tasks SET executor = 'worker', status = 'dead', due_at_ms = NULL WHERE executor = 'person'")
    op.drop_index(op.f("tasks_flow_run_id_index"), table_name="tasks")
    with op.batch_alter_table("tasks") as table:
        table.drop_column("flow_step")
        table.drop_column("flow_run_id")
    op.drop_table("flow_run_lines")
    op.drop_table("flow_run_steps")
    op.drop_table("flow_runs")
    op.drop_table("flow_versions")
    op.drop_table("flows")


def _flows() -> None:
    op.create_table(
        "flows",
        sa.Column("flow_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draft_version", NUMBER, nullable=True),
        sa.Column("published_version", NUMBER, nullable=True),
        sa.Column("last_version", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("flow_id", name=op.f("flows_pkey")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("flows_tenant_id_name_key")),
    )


def _flow_versions() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("flow_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), server_default="{}", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("published_at_ms", NUMBER, nullable=True),
        sa.Column("retired_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("flow_id", "version", name=op.f("flow_versions_pkey")),
    )


def _flow_runs() -> None:
    op.create_table(
        "flow_runs",
        sa.Column("run_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("run_number", NUMBER, nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("keeps_effects", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("input", sa.Text(), server_default="{}", nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), server_default="", nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("rule_version", NUMBER, nullable=True),
        sa.Column("event_row_id", NUMBER, nullable=True),
        sa.Column("event_kind", sa.Text(), nullable=True),
        sa.Column("replay_of", sa.Text(), nullable=True),
        sa.Column("replay_from", sa.Text(), nullable=True),
        sa.Column("ended", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("line_count", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("finished_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("flow_runs_pkey")),
    )
    op.create_index(op.f("flow_runs_finished_at_ms_index"), "flow_runs", ["finished_at_ms"], unique=False)
    op.create_index(
        op.f("flow_runs_tenant_id_created_at_ms_run_id_index"),
        "flow_runs",
        ["tenant_id", "created_at_ms", "run_id"],
        unique=False,
    )
    op.create_index(
        op.f("flow_runs_tenant_id_flow_id_created_at_ms_index"),
        "flow_runs",
        ["tenant_id", "flow_id", "created_at_ms"],
        unique=False,
    )
    op.create_index(op.f("flow_runs_updated_at_ms_index"), "flow_runs", ["updated_at_ms"], unique=False)


def _flow_run_steps() -> None:
    op.create_table(
        "flow_run_steps",
        sa.Column("run_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("undo_task_id", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reversible", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("ended_no", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("reused", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("begun_at_ms", NUMBER, nullable=True),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("flow_run_steps_pkey")),
        sqlite_with_rowid=False,
    )


def _flow_run_lines() -> None:
    op.create_table(
        "flow_run_lines",
        sa.Column("run_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("line_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Text(), server_default="", nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "line_no", name=op.f("flow_run_lines_pkey")),
        sqlite_with_rowid=False,
    )
