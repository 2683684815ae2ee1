"""Tables of the audit: the rows of each tenant's chain, and where it ends."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import CORE, Integer, digest, key, number, text

#: exactly the fields of `gwf.audit.model.AuditRow`; `changes` and `detail` are the hashed bytes, so they are plain text
audit_logs = sa.Table(
    "audit_logs",
    CORE,
    key("tenant_id"),
    key("seq", Integer),  # from 1 without a gap
    number("at_ms"),
    text("actor_kind"),
    text("actor_id"),
    text("address"),
    text("action"),
    text("resource_kind"),
    text("resource_id"),
    text("reason"),
    text("request_id"),
    text("changes"),
    text("detail"),
    digest("hash"),  # SHA-256 over the hash before and this row
    sa.Index(None, "tenant_id", "at_ms", "seq"),
    sa.Index(None, "tenant_id", "resource_kind", "resource_id", "seq"),
    sa.Index(None, "tenant_id", "actor_id", "seq"),
    sa.Index(None, "tenant_id", "action", "seq"),
)

#: the row that is locked while a chain grows; it also tells that nothing was cut off
audit_heads = sa.Table(
    "audit_heads",
    CORE,
    key("tenant_id"),
    number("seq"),
    digest("hash"),
)
