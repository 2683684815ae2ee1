"""Tables of the agents' configuration: versions, layers, rollouts and attempts."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    flag,
    json_value,
    key,
    maybe_json,
    maybe_number,
    maybe_text,
    number,
    tenant,
    text,
)

#: what lies over what: the base of a tenant, its groups, single agents
config_layers = sa.Table(
    "config_layers",
    CORE,
    key("layer_id"),
    tenant(),
    text("kind"),  # base, group or agent
    text("target_id", default=""),  # group or agent; "" of the base
    maybe_text("version_id"),  # in force; NULL = none yet
    number("last_number", default=0),  # of its newest version
    number("updated_at_ms"),
    sa.UniqueConstraint("tenant_id", "kind", "target_id"),
)

#: never changed once written
config_versions = sa.Table(
    "config_versions",
    CORE,
    key("version_id"),
    tenant(),
    text("layer_id"),
    number("number"),  # from 1 within its layer
    text("hash"),  # sha256:… of the document
    json_value("document", default="{}"),
    maybe_text("parent_id"),  # version it was made from
    text("author"),
    text("reason", default=""),
    number("created_at_ms"),
    sa.UniqueConstraint("layer_id", "number"),
    sa.Index(None, "tenant_id", "created_at_ms"),
)

rollouts = sa.Table(
    "rollouts",
    CORE,
    key("rollout_id"),
    tenant(),
    text("layer_id"),
    text("version_id"),  # offered
    maybe_text("previous_version_id"),  # in force before; what a revert goes back to
    text("state"),
    flag("is_active"),  # it has not ended
    json_value("waves", default="[]"),  # kind, size, groups of each
    json_value("gates", default="{}"),
    text("on_failure", default="revert"),
    number("wave", default=0),  # index of the wave that runs
    number("since_at_ms"),  # the wave, or the taking back, began
    maybe_number("met_since_at_ms"),  # gates are met without a break; NULL = they are not
    maybe_number("paused_at_ms"),
    maybe_number("ended_at_ms"),
    maybe_json("cause"),  # why it is paused or was taken back
    text("author"),
    text("reason", default=""),
    number("created_at_ms"),
    number("updated_at_ms"),
    number("revision", default=1),
    sa.Index(None, "tenant_id", "created_at_ms"),
    sa.Index(None, "is_active"),
)

#: every offer of a configuration to an agent
rollout_attempts = sa.Table(
    "rollout_attempts",
    CORE,
    key("attempt_id"),
    tenant(),
    maybe_text("rollout_id"),  # NULL = offered without a rollout
    text("agent_id"),
    text("kind"),  # wave, revert or follow
    text("hash"),  # of the effective configuration offered
    json_value("versions", default="[]"),  # it is made of, lowest layer first
    text("phase"),
    number("health_before"),  # of the agent when it was offered
    json_value("reason", default="[]"),  # pointer, code, message of what was refused
    flag("forgiven"),  # a person lets it be offered again
    number("offered_at_ms"),
    number("changed_at_ms"),
    number("change_no"),  # see gwf.db.config_store
    sa.Index(None, "tenant_id", "change_no"),
    sa.Index(None, "tenant_id", "offered_at_ms"),
    sa.Index(None, "tenant_id", "phase"),
    sa.Index(None, "agent_id", "offered_at_ms"),
    sa.Index(None, "rollout_id", "offered_at_ms"),
)
