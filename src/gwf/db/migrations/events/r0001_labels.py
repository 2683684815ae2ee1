"""First tables of label sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _label_sets()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("label_sets")


def _label_sets() -> None:
    op.create_table(
        "label_sets",
        sa.Column("label_set_id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("labels", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("label_set_id", name=op.f("label_sets_pkey")),
        sa.UniqueConstraint("digest", name=op.f("label_sets_digest_key")),
    )
    op.create_index(op.f("label_sets_tenant_id_index"), "label_sets", ["tenant_id"], unique=False)
