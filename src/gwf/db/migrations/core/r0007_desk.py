"""First tables of what people keep for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0007"
down_revision = "core_0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _preferences()
    _saved_views()
    _view_defaults()
    _kept_answers()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("kept_answers")
    op.drop_table("view_defaults")
    op.drop_table("saved_views")
    op.drop_table("preferences")


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("chosen", sa.Text(), server_default="{}", nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "owner_id", name=op.f("preferences_pkey")),
        sqlite_with_rowid=False,
    )


def _saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("view_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("query", sa.Text(), server_default="{}", nullable=False),
        sa.Column("columns", sa.Text(), nullable=True),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "view_id", name=op.f("saved_views_pkey")),
    )
    op.create_index(
        op.f("saved_views_tenant_id_list_name_index"), "saved_views", ["tenant_id", "list_name"], unique=False
    )
    op.create_index(
        op.f("saved_views_tenant_id_owner_id_list_name_index"),
        "saved_views",
        ["tenant_id", "owner_id", "list_name"],
        unique=False,
    )


def _view_defaults() -> None:
    op.create_table(
        "view_defaults",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("list_name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "owner_id", "list_name", name=op.f("view_defaults_pkey")),
        sqlite_with_rowid=False,
    )


def _kept_answers() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("at_ms", NUMBER, nullable=False),
        sa.Column("status", NUMBER, nullable=True),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "owner_id", "key_hash", name=op.f("kept_answers_pkey")),
    )
    op.create_index(op.f("kept_answers_at_ms_index"), "kept_answers", ["at_ms"], unique=False)
