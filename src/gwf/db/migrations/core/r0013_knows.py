"""Agents say which parts of a configuration they know, so that none is offered one that it must refuse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0013"
down_revision = "core_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("agent_status", sa.Column("knows", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("agent_status", "knows")
