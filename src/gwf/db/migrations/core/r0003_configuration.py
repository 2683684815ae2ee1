"""First tables of the agents' configuration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _config_layers()
    _config_versions()
    _rollouts()
    _rollout_attempts()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("rollout_attempts")
    op.drop_table("rollouts")
    op.drop_table("config_versions")
    op.drop_table("config_layers")


def _config_layers() -> None:
    op.create_table(
        "config_layers",
        sa.Column("layer_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), server_default="", nullable=False),
        sa.Column("version_id", sa.Text(), nullable=True),
        sa.Column("last_number", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("layer_id", name=op.f("config_layers_pkey")),
        sa.UniqueConstraint("tenant_id", "kind", "target_id", name=op.f("config_layers_tenant_id_kind_target_id_key")),
    )


def _config_versions() -> None:
    op.create_table(
        "config_versions",
        sa.Column("version_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), server_default="{}", nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("config_versions_pkey")),
        sa.UniqueConstraint("layer_id", "number", name=op.f("config_versions_layer_id_number_key")),
    )
    op.create_index(
        op.f("config_versions_tenant_id_created_at_ms_index"),
        "config_versions",
        ["tenant_id", "created_at_ms"],
        unique=False,
    )


def _rollouts() -> None:
    op.create_table(
        "rollouts",
        sa.Column("rollout_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("previous_version_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("waves", sa.Text(), server_default="[]", nullable=False),
        sa.Column("gates", sa.Text(), server_default="{}", nullable=False),
        sa.Column("on_failure", sa.Text(), server_default="revert", nullable=False),
        sa.Column("wave", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("since_at_ms", NUMBER, nullable=False),
        sa.Column("met_since_at_ms", NUMBER, nullable=True),
        sa.Column("paused_at_ms", NUMBER, nullable=True),
        sa.Column("ended_at_ms", NUMBER, nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", name=op.f("rollouts_pkey")),
    )
    op.create_index(op.f("rollouts_is_active_index"), "rollouts", ["is_active"], unique=False)
    op.create_index(
        op.f("rollouts_tenant_id_created_at_ms_index"), "rollouts", ["tenant_id", "created_at_ms"], unique=False
    )


def _rollout_attempts() -> None:
    op.create_table(
        "rollout_attempts",
        sa.Column("attempt_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("rollout_id", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), server_default="[]", nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("health_before", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), server_default="[]", nullable=False),
        sa.Column("forgiven", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("offered_at_ms", NUMBER, nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.Column("change_no", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("rollout_attempts_pkey")),
    )
    op.create_index(
        op.f("rollout_attempts_agent_id_offered_at_ms_index"),
        "rollout_attempts",
        ["agent_id", "offered_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("rollout_attempts_rollout_id_offered_at_ms_index"),
        "rollout_attempts",
        ["rollout_id", "offered_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("rollout_attempts_tenant_id_change_no_index"), "rollout_attempts", ["tenant_id", "change_no"], unique=False
    )
    op.create_index(
        op.f("rollout_attempts_tenant_id_offered_at_ms_index"),
        "rollout_attempts",
        ["tenant_id", "offered_at_ms"],
        unique=False,
    )
    op.create_index(
        op.f("rollout_attempts_tenant_id_phase_index"), "rollout_attempts", ["tenant_id", "phase"], unique=False
    )
