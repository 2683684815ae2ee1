"""Tables of what people decide about alerts: documents in versions, silences."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import CORE, Integer, json_value, key, maybe_number, number, tenant, text

#: alert rules, chains, schedules and inhibitions
alert_documents = sa.Table(
    "alert_documents",
    CORE,
    key("doc_id"),
    tenant(),
    text("kind"),  # gwf.alerts.documents.record.DocKind
    text("name"),  # of its newest version
    maybe_number("draft_version"),  # NULL = nobody works on it
    maybe_number("published_version"),  # NULL = not in force
    number("last_version"),
    number("revision", default=1),
    number("created_at_ms"),
    number("updated_at_ms"),
    sa.UniqueConstraint("tenant_id", "kind", "name"),
)

alert_document_versions = sa.Table(
    "alert_document_versions",
    CORE,
    key("doc_id"),
    key("version", Integer),  # from 1; a published one is never changed
    tenant(),
    text("kind"),
    text("state"),  # draft, published or retired
    json_value("document", default="{}"),
    text("author"),
    text("reason", default=""),
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("published_at_ms"),
    maybe_number("retired_at_ms"),
)

silences = sa.Table(
    "silences",
    CORE,
    key("silence_id"),
    tenant(),
    text("selector"),
    number("begins_at_ms"),
    number("ends_at_ms"),
    text("reason", default=""),
    text("author"),
    maybe_number("expired_at_ms"),  # somebody ended it before its time
    number("revision", default=1),
    number("created_at_ms"),
    number("updated_at_ms"),
    sa.Index(None, "tenant_id", "ends_at_ms", "silence_id"),
)

#: how often what is in force, or a silence, was changed
alert_plans = sa.Table(
    "alert_plans",
    CORE,
    key("tenant_id"),
    number("number"),
    number("updated_at_ms"),
)
