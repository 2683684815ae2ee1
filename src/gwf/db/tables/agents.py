"""Tables of the agents: who they are, how they are, their groups and the trees they watch."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    flag,
    json_value,
    key,
    later,
    maybe_digest,
    maybe_json,
    maybe_number,
    maybe_text,
    number,
    tenant,
    text,
)

agents = sa.Table(
    "agents",
    CORE,
    key("agent_id"),
    tenant(),
    text("instance_id"),  # UUID in the agent's data directory, or the agentKey of the Go version's API
    text("hostname"),
    text("version"),
    text("os", default=""),
    maybe_text("address"),  # URL of the agent's own port
    text("ip", default=""),  # it called from
    json_value("labels", default="{}"),  # told by the agent, over those of its enrolment token
    json_value("set_labels", default="{}"),  # set at the centre; they win
    maybe_text("group_id"),  # it was put in by name
    text("group_name", default=""),  # as the Go version's API knows it
    maybe_digest("credential_hash"),  # SHA-256; NULL = registered through the Go version's API
    maybe_digest("next_credential_hash"),  # replaces the one before when it is first used
    flag("drain"),
    number("registered_at_ms"),
    number("updated_at_ms"),
    maybe_number("revoked_at_ms"),
    number("revision", default=1),
    sa.UniqueConstraint("tenant_id", "instance_id"),
    sa.UniqueConstraint("credential_hash"),
    sa.UniqueConstraint("next_credential_hash"),
    sa.Index(None, "tenant_id", "hostname"),
)

#: what changes with heartbeats; written in batches by few columns, so that PostgreSQL can update in place
agent_status = sa.Table(
    "agent_status",
    CORE,
    key("agent_id"),
    tenant(),
    text("state"),  # as last shown
    text("cause", default=""),
    number("state_since_ms"),
    maybe_number("contact_at_ms"),  # last heartbeat; NULL = never
    maybe_number("started_at_ms"),  # of the agent's process
    maybe_number("seq"),  # of its last heartbeat
    number("heartbeats", default=0),  # since registration
    maybe_number("skew_ms"),  # agent's clock ahead of ours
    maybe_number("told_wait_ms"),  # until its next heartbeat, as it was told last
    maybe_json("health"),
    maybe_json("metrics"),
    maybe_json("errors"),
    maybe_json("breakers"),
    maybe_json("outbox"),  # epoch, last_seq, acked_seq
    maybe_text("config_hash"),  # in force at the agent
    maybe_number("config_version"),  # the agent's own number of it
    flag("config_local"),  # changed on the host
    later(
        "core_0013", maybe_json("knows")
    ),  # parts of a configuration that it takes beyond those that every agent does
    postgresql_with={"fillfactor": 70},
)

agent_groups = sa.Table(
    "agent_groups",
    CORE,
    key("group_id"),
    tenant(),
    text("name"),
    text("description", default=""),
    maybe_text("selector"),  # NULL = only agents put in by name
    number("priority", default=0),
    maybe_json("thresholds"),  # NULL = the usual ones
    number("created_at_ms"),
    number("updated_at_ms"),
    number("revision", default=1),
    sa.UniqueConstraint("tenant_id", "name"),
)

file_sources = sa.Table(
    "file_sources",
    CORE,
    key("source_id"),
    tenant(),
    text("agent_id"),
    text("path"),  # of the watched tree
    maybe_text("store"),
    json_value("settings", default="{}"),  # suffixes, exclusions and the like, for people
    number("first_seen_at_ms"),
    number("last_seen_at_ms"),
    maybe_number("gone_at_ms"),  # not watched any more
    sa.UniqueConstraint("agent_id", "path"),
    sa.Index(None, "tenant_id", "path"),
)
