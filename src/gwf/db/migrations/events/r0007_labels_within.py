"""Newest file events of one status are looked through for labels in the index alone."""

from __future__ import annotations

from alembic import op

revision = "events_0007"
down_revision = "events_0006"
branch_labels = None
depends_on = None

_INDEX = "file_events_tenant_id_status_at_ms_row_id_index"
_COLUMNS = ["tenant_id", "status", "at_ms", "row_id"]


def upgrade() -> None:
    """Let the index hold label sets too; SQLite is quick without."""
    _anew(include=["label_set_id"])


def downgrade() -> None:
    """Leave them out."""
    _anew(include=[])


def _anew(*, include: list[str]) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_index(_INDEX, table_name="file_events")
        op.create_index(_INDEX, "file_events", _COLUMNS, postgresql_include=include)
