"""Dead letters: what failed for good, runs over it, looks at causes; and the tasks of an event are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RATE: sa.types.TypeEngine[float] = sa.Double()


def upgrade() -> None:
    """Make the tables."""
    _letters()
    _letter_runs()
    _letter_probes()
    _letter_sources()
    op.create_index(op.f("tasks_file_event_id_index"), "tasks", ["file_event_id"], unique=False)


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_index(op.f("tasks_file_event_id_index"), table_name="tasks")
    op.drop_table("letter_sources")
    op.drop_table("letter_probes")
    op.drop_table("letter_runs")
    op.drop_table("letters")


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("poison", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("mark", NUMBER, nullable=False),
        sa.Column("attempts", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("replays", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="{}", nullable=False),
        sa.Column("edit", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_ms", NUMBER, nullable=False),
        sa.Column("last_seen_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("letters_pkey")),
    )
    op.create_index(op.f("letters_run_id_state_index"), "letters", ["run_id", "state"], unique=False)
    op.create_index(op.f("letters_state_kind_letter_id_index"), "letters", ["state", "kind", "letter_id"], unique=False)
    op.create_index(
        op.f("letters_tenant_id_cause_id_state_index"), "letters", ["tenant_id", "cause_id", "state"], unique=False
    )
    op.create_index(
        op.f("letters_tenant_id_state_last_seen_ms_letter_id_index"),
        "letters",
        ["tenant_id", "state", "last_seen_ms", "letter_id"],
        unique=False,
    )


def _letter_runs() -> None:
    op.create_table(
        "letter_runs",
        sa.Column("run_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("total", NUMBER, nullable=False),
        sa.Column("rate_per_s", RATE, nullable=True),
        sa.Column("actor", sa.Text(), server_default="{}", nullable=False),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("request_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.Column("stopped", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("letter_runs_pkey")),
    )
    op.create_index(
        op.f("letter_runs_ended_at_ms_created_at_ms_index"),
        "letter_runs",
        ["ended_at_ms", "created_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("letter_runs_tenant_id_created_at_ms_run_id_index"),
        "letter_runs",
        ["tenant_id", "created_at_ms", "run_id"],
        unique=False,
    )


def _letter_probes() -> None:
    op.create_table(
        "letter_probes",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("cause_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), server_default="[]", nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "cause_id", name=op.f("letter_probes_pkey")),
        sqlite_with_rowid=False,
    )


def _letter_sources() -> None:
    op.create_table(
        "letter_sources",
        sa.Column("source", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("letter_sources_pkey")),
    )
