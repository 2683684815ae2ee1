"""Tables of the agents' configuration: versions, layers, rollouts and attempts."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
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
    number("updated_at_ms"),
    number("revision", default=1),
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
    maybe_text("selector"),  # NULL = all agents of the layer
    json_value("waves", default="[]"),  # percentages
    json_value("gates", default="{}"),
    number("wave", default=0),  # index of the wave that runs
    maybe_number("wave_at_ms"),  # began
    text("author"),
    text("reason", default=""),
    maybe_json("verdict"),  # why it halted or reverted
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("finished_at_ms"),
    number("revision", default=1),
    sa.Index(None, "tenant_id", "created_at_ms"),
    sa.Index(None, "state"),
)

rollout_attempts = sa.Table(
    "rollout_attempts",
    CORE,
    key("attempt_id"),
    tenant(),
    maybe_text("rollout_id"),  # NULL = offered without a rollout
    text("agent_id"),
    text("hash"),  # of the effective configuration offered
    maybe_text("version_id"),
    number("wave", default=0),
    text("phase"),
    json_value("reason", default="[]"),  # pointer, code, message of what was refused
    number("offered_at_ms"),
    number("updated_at_ms"),
    maybe_number("finished_at_ms"),
    sa.UniqueConstraint("rollout_id", "agent_id", "hash"),
    sa.Index(None, "agent_id", "hash"),
    sa.Index(None, "rollout_id", "phase"),
)
