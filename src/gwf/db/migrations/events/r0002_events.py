"""First tables of what happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0002"
down_revision = "events_0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _events()
    _event_keys()
    _file_events()
    _outbox_marks()
    _outbox_rejects()
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE row_counters")


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("outbox_rejects")
    op.drop_table("outbox_marks")
    op.drop_table("file_events")
    op.drop_table("event_keys")
    op.drop_table("events")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE row_counters")


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("label_set_id", NUMBER, nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("data_schema", sa.Text(), nullable=True),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("events_pkey")),
        postgresql_partition_by="RANGE (row_id)",
    )
    op.create_index(op.f("events_agent_id_at_ms_row_id_index"), "events", ["agent_id", "at_ms", "row_id"], unique=False)
    op.create_index(
        op.f("events_tenant_id_at_ms_row_id_index"), "events", ["tenant_id", "at_ms", "row_id"], unique=False
    )
    op.create_index(
        op.f("events_tenant_id_type_at_ms_row_id_index"),
        "events",
        ["tenant_id", "type", "at_ms", "row_id"],
        unique=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE TABLE events_p_rest PARTITION OF events DEFAULT")


def _event_keys() -> None:
    op.create_table(
        "event_keys",
        sa.Column("digest", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("row_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("event_keys_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("event_keys_row_id_index"), "event_keys", ["row_id"], unique=False)


def _file_events() -> None:
    op.create_table(
        "file_events",
        sa.Column("row_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("label_set_id", NUMBER, nullable=False),
        sa.Column("file_ref", NUMBER, nullable=False),
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("gen", NUMBER, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("size_bytes", NUMBER, nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("attempt", NUMBER, nullable=True),
        sa.Column("duration_ms", NUMBER, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("file_events_pkey")),
        postgresql_partition_by="RANGE (row_id)",
    )
    op.create_index(
        op.f("file_events_agent_id_at_ms_row_id_index"), "file_events", ["agent_id", "at_ms", "row_id"], unique=False
    )
    op.create_index(
        op.f("file_events_file_ref_at_ms_row_id_index"), "file_events", ["file_ref", "at_ms", "row_id"], unique=False
    )
    op.create_index(
        op.f("file_events_label_set_id_status_at_ms_row_id_index"),
        "file_events",
        ["label_set_id", "status", "at_ms", "row_id"],
        unique=False,
    )
    op.create_index(
        op.f("file_events_tenant_id_at_ms_row_id_index"), "file_events", ["tenant_id", "at_ms", "row_id"], unique=False
    )
    op.create_index(
        op.f("file_events_tenant_id_status_at_ms_row_id_index"),
        "file_events",
        ["tenant_id", "status", "at_ms", "row_id"],
        unique=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE TABLE file_events_p_rest PARTITION OF file_events DEFAULT")


def _outbox_marks() -> None:
    op.create_table(
        "outbox_marks",
        sa.Column("agent_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("acked_seq", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "epoch", name=op.f("outbox_marks_pkey")),
        sqlite_with_rowid=False,
    )


def _outbox_rejects() -> None:
    op.create_table(
        "outbox_rejects",
        sa.Column("agent_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("received_at_ms", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "epoch", "seq", name=op.f("outbox_rejects_pkey")),
    )
    op.create_index(op.f("outbox_rejects_received_at_ms_index"), "outbox_rejects", ["received_at_ms"], unique=False)
