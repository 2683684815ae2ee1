"""The table of label sets: stored once, named by a number."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import EVENTS, Integer, digest, json_value, number, tenant

label_sets = sa.Table(
    "label_sets",
    EVENTS,
    sa.Column("label_set_id", Integer, primary_key=True, autoincrement=True),  # 1, 2, 3 …
    tenant(),
    digest("digest"),  # BLAKE2b of tenant and labels
    json_value("labels", default="{}"),
    number("created_at_ms"),
    sa.UniqueConstraint("digest"),
    sa.Index(None, "tenant_id"),
)
