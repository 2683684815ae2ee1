"""What people decide about alerts: documents in versions, silences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0015"
down_revision = "core_0014"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _alert_documents()
    _alert_document_versions()
    _silences()
    _alert_plans()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.drop_table("alert_plans")
    op.drop_table("silences")
    op.drop_table("alert_document_versions")
    op.drop_table("alert_documents")


def _alert_documents() -> None:
    op.create_table(
        "alert_documents",
        sa.Column("doc_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draft_version", NUMBER, nullable=True),
        sa.Column("published_version", NUMBER, nullable=True),
        sa.Column("last_version", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("doc_id", name=op.f("alert_documents_pkey")),
        sa.UniqueConstraint("tenant_id", "kind", "name", name=op.f("alert_documents_tenant_id_kind_name_key")),
    )


def _alert_document_versions() -> None:
    op.create_table(
        "alert_document_versions",
        sa.Column("doc_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), server_default="{}", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.Column("published_at_ms", NUMBER, nullable=True),
        sa.Column("retired_at_ms", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("doc_id", "version", name=op.f("alert_document_versions_pkey")),
    )


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("silence_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), server_default="default", nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("begins_at_ms", NUMBER, nullable=False),
        sa.Column("ends_at_ms", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("expired_at_ms", NUMBER, nullable=True),
        sa.Column("revision", NUMBER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at_ms", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("silence_id", name=op.f("silences_pkey")),
    )
    op.create_index(
        op.f("silences_tenant_id_ends_at_ms_silence_id_index"),
        "silences",
        ["tenant_id", "ends_at_ms", "silence_id"],
        unique=False,
    )


def _alert_plans() -> None:
    op.create_table(
        "alert_plans",
        sa.Column("tenant_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("updated_at_ms", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("alert_plans_pkey")),
    )
