"""Tables of what people keep for themselves at the console, and of the answers to requests that may be repeated."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    digest,
    flag,
    json_value,
    key,
    maybe_json,
    maybe_number,
    number,
    text,
)

#: how the console looks for one person or program
preferences = sa.Table(
    "preferences",
    CORE,
    key("tenant_id"),
    key("owner_id"),  # user, token, or the word of who there is only one of
    json_value("chosen", default="{}"),
    number("updated_at_ms"),
    sqlite_with_rowid=False,
)

#: filters, columns and order of a list under a name
saved_views = sa.Table(
    "saved_views",
    CORE,
    key("tenant_id"),
    key("view_id"),  # chosen by the client
    text("owner_id"),
    text("owner_name", default=""),  # as people know the owner
    text("list_name"),  # it is a view of
    text("name"),
    flag("shared"),  # everybody of the tenant sees it
    json_value("query", default="{}"),  # parameters of the list, each a list of texts
    maybe_json("columns"),  # shown ones in their order; NULL = as usual
    number("created_at_ms"),
    number("updated_at_ms"),
    number("revision", default=1),
    sa.Index(None, "tenant_id", "owner_id", "list_name"),
    sa.Index(None, "tenant_id", "list_name"),
)

#: the view that a list begins with for one person
view_defaults = sa.Table(
    "view_defaults",
    CORE,
    key("tenant_id"),
    key("owner_id"),
    key("list_name"),
    text("view_id"),
    sqlite_with_rowid=False,
)

#: what was done under an idempotency key; the row is written in the transaction of the change itself
kept_answers = sa.Table(
    "kept_answers",
    CORE,
    key("tenant_id"),
    key("owner_id"),
    key("key_hash", sa.LargeBinary()),  # SHA-256 of the key
    digest("fingerprint"),  # HMAC-SHA-256 over method, address and body, by the client's key
    text("request_id"),
    number("at_ms"),
    maybe_number("status"),  # NULL = the answer was not kept
    text("media_type", default=""),
    text("body", default=""),
    sa.Index(None, "at_ms"),
)
