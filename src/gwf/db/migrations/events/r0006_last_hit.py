"""When a rule matched last is known to the moment, not to the hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "events_0006"
down_revision = "events_0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column; of hours before it the begin counts."""
    op.add_column("rule_hits", sa.Column("last_at_ms", NUMBER, server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("rule_hits", "last_at_ms")
