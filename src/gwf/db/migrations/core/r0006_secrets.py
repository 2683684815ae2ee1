"""First tables of secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _secrets()
    _secret_rings()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("secret_rings")
    op.drop_table("secrets")


def _secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("secret_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("secret_id", name=op.f("secrets_pkey")),
    )
    op.create_index(op.f("secrets_key_id_secret_id_index"), "secrets", ["key_id", "secret_id"], unique=False)
    op.create_index(
        op.f("secrets_tenant_id_owner_kind_owner_id_index"),
        "secrets",
        ["tenant_id", "owner_kind", "owner_id"],
        unique=False,
    )


def _secret_rings() -> None:
    op.create_table(
        "secret_rings",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("changed_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("secret_rings_pkey")),
    )
