"""What tasks of the centre need: who does them, how often, when the clock takes a step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NEW = (
    "executor",
    "for_agent_id",
    "policy",
    "attempts",
    "lost",
    "error_class",
    "undo",
    "undoing",
    "place_ms",
    "due_at_ms",
)
_INDEXES = {
    "tasks_due_at_ms_index": ["due_at_ms"],
    "tasks_for_agent_id_status_place_ms_index": ["for_agent_id", "status", "place_ms"],
    "tasks_status_executor_place_ms_task_id_index": ["status", "executor", "place_ms", "task_id"],
}


def upgrade() -> None:
    """Add the columns; tasks that are there are the Go version's interface's."""
    with op.batch_alter_table("tasks") as table:
        table.add_column(sa.Column("executor", sa.Text(), server_default="any", nullable=False))
        table.add_column(sa.Column("for_agent_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("policy", sa.Text(), server_default="{}", nullable=False))
        table.add_column(sa.Column("attempts", NUMBER, server_default=sa.text("0"), nullable=False))
        table.add_column(sa.Column("lost", NUMBER, server_default=sa.text("0"), nullable=False))
        table.add_column(sa.Column("error_class", sa.Text(), nullable=True))
        table.add_column(sa.Column("undo", sa.Text(), nullable=True))
        table.add_column(sa.Column("undoing", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        table.add_column(sa.Column("place_ms", NUMBER, server_default=sa.text("0"), nullable=False))
        table.add_column(sa.Column("due_at_ms", NUMBER, nullable=True))
    for name, columns in _INDEXES.items():
        op.create_index(op.f(name), "tasks", columns, unique=False)
    op.execute("UPDATE tasks SET due_at_ms = lease_until_ms WHERE lease_until_ms IS NOT NULL")


def downgrade() -> None:
    """Drop them; tasks in states that came with them are as good as dead."""
    states = "('waiting', 'dead', 'cancelling', 'compensating', 'compensated')"
    op.execute(f"UPDATE tasks SET status = 'failed', lease_until_ms = NULL WHERE status IN {states}")  # noqa: S608 - constant words
    for name in _INDEXES:
        op.drop_index(op.f(name), table_name="tasks")
    with op.batch_alter_table("tasks") as table:
        for name in _NEW:
            table.drop_column(name)
