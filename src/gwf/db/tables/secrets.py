"""Tables of secrets: sealed with keys that are kept in a file, never here."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import CORE, key, number, tenant, text

#: what documents refer to; the text of an id never changes
secrets = sa.Table(
    "secrets",
    CORE,
    key("secret_id"),
    tenant(),
    text("owner_kind"),  # config_layer
    text("owner_id"),
    text("key_id"),  # of the key it was sealed with
    text("sealed"),  # v1.KEY.BASE64 of nonce and AES-256-GCM
    number("created_at_ms"),
    sa.Index(None, "tenant_id", "owner_kind", "owner_id"),
    sa.Index(None, "key_id", "secret_id"),
)

#: one row: by it a server knows whether its key file belongs to this database
secret_rings = sa.Table(
    "secret_rings",
    CORE,
    key("tenant_id"),  # "" = all
    text("key_id"),  # secrets are sealed with it now
    number("changed_at_ms"),
)
