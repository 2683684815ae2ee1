"""First tables of the agents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _agents()
    _agent_status()
    _agent_groups()
    _file_sources()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("file_sources")
    op.drop_table("agent_groups")
    op.drop_table("agent_status")
    op.drop_table("agents")


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("hostname", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("os", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), server_default="", nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("set_labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("group_name", sa.Text(), server_default="", nullable=False),
        sa.Column("credential_hash", sa.LargeBinary(), nullable=True),
        sa.Column("next_credential_hash", sa.LargeBinary(), nullable=True),
        sa.Column("drain", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("registered_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("revoked_at_ms", NUMBER, nullable=True),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("agents_pkey")),
        sa.UniqueConstraint("credential_hash", name=op.f("agents_credential_hash_key")),
        sa.UniqueConstraint("next_credential_hash", name=op.f("agents_next_credential_hash_key")),
        sa.UniqueConstraint("tenant_id", "instance_id", name=op.f("agents_tenant_id_instance_id_key")),
    )
    op.create_index(op.f("agents_tenant_id_hostname_index"), "agents", ["tenant_id", "hostname"], unique=False)


def _agent_status() -> None:
    op.create_table(
        "agent_status",
        sa.Column("agent_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("state_since_ms", NUMBER, nullable=False),
        sa.Column("contact_at_ms", NUMBER, nullable=True),
        sa.Column("started_at_ms", NUMBER, nullable=True),
        sa.Column("seq", NUMBER, nullable=True),
        sa.Column("heartbeats", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("skew_ms", NUMBER, nullable=True),
        sa.Column("told_wait_ms", NUMBER, nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.Column("metrics", sa.Text(), nullable=True),
        sa.Column("errors", sa.Text(), nullable=True),
        sa.Column("breakers", sa.Text(), nullable=True),
        sa.Column("outbox", sa.Text(), nullable=True),
        sa.Column("config_hash", sa.Text(), nullable=True),
        sa.Column("config_version", NUMBER, nullable=True),
        sa.Column("config_local", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("agent_status_pkey")),
        postgresql_with={"fillfactor": 70},
    )


def _agent_groups() -> None:
    op.create_table(
        "agent_groups",
        sa.Column("group_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("selector", sa.Text(), nullable=True),
        sa.Column("priority", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("thresholds", sa.Text(), nullable=True),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("agent_groups_pkey")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("agent_groups_tenant_id_name_key")),
    )


def _file_sources() -> None:
    op.create_table(
        "file_sources",
        sa.Column("source_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=True),
        sa.Column("settings", sa.Text(), server_default="{}", nullable=False),
        sa.Column("first_seen_at_ms", NUMBER, nullable=False),
        sa.Column("last_seen_at_ms", NUMBER, nullable=False),
        sa.Column("gone_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("source_id", name=op.f("file_sources_pkey")),
        sa.UniqueConstraint("agent_id", "path", name=op.f("file_sources_agent_id_path_key")),
    )
    op.create_index(op.f("file_sources_tenant_id_path_index"), "file_sources", ["tenant_id", "path"], unique=False)
