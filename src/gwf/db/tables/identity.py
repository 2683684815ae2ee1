"""Tables of who may do what: tenants, users, sessions and tokens."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    digest,
    json_value,
    key,
    maybe_json,
    maybe_number,
    maybe_text,
    number,
    tenant,
    text,
)

tenants = sa.Table(
    "tenants",
    CORE,
    key("tenant_id"),
    text("name"),
    number("created_at_ms"),
    maybe_number("disabled_at_ms"),  # nobody of it gets in from then on
)

users = sa.Table(
    "users",
    CORE,
    key("user_id"),
    tenant(),
    text("name"),  # to log in with; lower case
    text("display_name", default=""),
    text("role"),
    maybe_text("password_hash"),  # argon2; NULL = cannot log in by password
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("last_login_at_ms"),
    maybe_number("disabled_at_ms"),
    number("revision", default=1),
    sa.UniqueConstraint("tenant_id", "name"),
)

sessions = sa.Table(
    "sessions",
    CORE,
    key("session_hash", sa.LargeBinary()),  # SHA-256 of the cookie
    tenant(),
    text("user_id"),
    digest("csrf_hash"),
    number("created_at_ms"),
    number("seen_at_ms"),
    number("expires_at_ms"),
    text("address", default=""),  # of the last request
    text("user_agent", default=""),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at_ms"),
)

api_tokens = sa.Table(
    "api_tokens",
    CORE,
    key("token_id"),
    tenant(),
    text("name"),
    digest("token_hash"),  # SHA-256 of 256 random bits
    text("role"),
    maybe_json("permissions"),  # list of words that narrow the role; NULL = all of the role
    maybe_text("user_id"),  # whose it is; NULL = of nobody, for machines
    text("created_by"),
    number("created_at_ms"),
    maybe_number("expires_at_ms"),
    maybe_number("used_at_ms"),  # last time, at most one minute behind
    maybe_number("revoked_at_ms"),
    sa.UniqueConstraint("token_hash"),
    sa.Index(None, "tenant_id", "created_at_ms"),
)

enrolment_tokens = sa.Table(
    "enrolment_tokens",
    CORE,
    key("token_id"),
    tenant(),
    text("name"),
    digest("token_hash"),
    json_value("labels", default="{}"),  # that its agents get
    maybe_text("group_id"),  # that its agents are put in
    maybe_number("max_uses"),  # NULL = any number
    number("uses", default=0),
    text("created_by"),
    number("created_at_ms"),
    maybe_number("expires_at_ms"),
    maybe_number("revoked_at_ms"),
    sa.UniqueConstraint("token_hash"),
    sa.Index(None, "tenant_id", "created_at_ms"),
)
