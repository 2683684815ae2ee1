"""First tables of who may do what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _tenants()
    _users()
    _sessions()
    _api_tokens()
    _enrolment_tokens()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("enrolment_tokens")
    op.drop_table("api_tokens")
    op.drop_table("sessions")
    op.drop_table("users")
    op.drop_table("tenants")


def _tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("disabled_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("tenants_pkey")),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("last_login_at_ms", NUMBER, nullable=True),
        sa.Column("disabled_at_ms", NUMBER, nullable=True),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("users_pkey")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("users_tenant_id_name_key")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("csrf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("seen_at_ms", NUMBER, nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("sessions_pkey")),
    )
    op.create_index(op.f("sessions_expires_at_ms_index"), "sessions", ["expires_at_ms"], unique=False)
    op.create_index(op.f("sessions_user_id_index"), "sessions", ["user_id"], unique=False)


def _api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=True),
        sa.Column("used_at_ms", NUMBER, nullable=True),
        sa.Column("revoked_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("api_tokens_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("api_tokens_token_hash_key")),
    )
    op.create_index(
        op.f("api_tokens_tenant_id_created_at_ms_index"), "api_tokens", ["tenant_id", "created_at_ms"], unique=False
    )


def _enrolment_tokens() -> None:
    op.create_table(
        "enrolment_tokens",
        sa.Column("token_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("max_uses", NUMBER, nullable=True),
        sa.Column("uses", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("expires_at_ms", NUMBER, nullable=True),
        sa.Column("revoked_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("enrolment_tokens_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("enrolment_tokens_token_hash_key")),
    )
    op.create_index(
        op.f("enrolment_tokens_tenant_id_created_at_ms_index"),
        "enrolment_tokens",
        ["tenant_id", "created_at_ms"],
        unique=False,
    )
