"""The delivery of notices: their ways through channels, messages, what channels were sent and how they do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0016"
down_revision = "core_0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _notice_parts()
    _messages()
    _channel_spends()
    _channel_health()
    _message_templates()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("message_templates")
    op.drop_table("channel_health")
    op.drop_table("channel_spends")
    op.drop_table("messages")
    op.drop_table("notice_parts")


def _notice_parts() -> None:
    op.create_table(
        "notice_parts",
        sa.Column("notice_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("due_at_ms", NUMBER, nullable=False),
        sa.Column("mobiles", sa.Text(), server_default="[]", nullable=False),
        sa.Column("emails", sa.Text(), server_default="[]", nullable=False),
        sa.Column("people", sa.Text(), server_default="[]", nullable=False),
        sa.Column("instead_of", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "channel", name=op.f("notice_parts_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("notice_parts_channel_state_urgent_due_at_ms_index"),
        "notice_parts",
        ["channel", "state", "urgent", "due_at_ms"],
        unique=False,
    )
    op.create_index(op.f("notice_parts_message_id_index"), "notice_parts", ["message_id"], unique=False)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("severity", NUMBER, nullable=False),
        sa.Column("parts", NUMBER, nullable=False),
        sa.Column("mobiles", sa.Text(), server_default="[]", nullable=False),
        sa.Column("emails", sa.Text(), server_default="[]", nullable=False),
        sa.Column("attempts", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("unsure", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("next_at_ms", NUMBER, nullable=True),
        sa.Column("sending_until_ms", NUMBER, nullable=True),
        sa.Column("receipt", sa.Text(), server_default="", nullable=False),
        sa.Column("error_class", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("sent_at_ms", NUMBER, nullable=True),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("messages_pkey")),
    )
    op.create_index(
        op.f("messages_state_channel_next_at_ms_index"), "messages", ["state", "channel", "next_at_ms"], unique=False
    )
    op.create_index(
        op.f("messages_tenant_id_channel_created_at_ms_index"),
        "messages",
        ["tenant_id", "channel", "created_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("messages_tenant_id_created_at_ms_message_id_index"),
        "messages",
        ["tenant_id", "created_at_ms", "message_id"],
        unique=False,
    )
    op.create_index(op.f("messages_updated_at_ms_index"), "messages", ["updated_at_ms"], unique=False)


def _channel_spends() -> None:
    op.create_table(
        "channel_spends",
        sa.Column("channel", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("spend_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("end_ms", NUMBER, nullable=True),
        sa.Column("until_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("channel", "spend_id", name=op.f("channel_spends_pkey")),
        sqlite_with_rowid=False,
    )


def _channel_health() -> None:
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("down_since_ms", NUMBER, nullable=True),
        sa.Column("failures", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("blocked_until_ms", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("last_ok_ms", NUMBER, nullable=True),
        sa.Column("last_failed_ms", NUMBER, nullable=True),
        sa.Column("error_class", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("channel_health_pkey")),
    )


def _message_templates() -> None:
    op.create_table(
        "message_templates",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name=op.f("message_templates_pkey")),
    )
