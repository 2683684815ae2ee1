"""Tables of flows: heads, versions, runs, their steps and stories."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    Integer,
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

flows = sa.Table(
    "flows",
    CORE,
    key("flow_id"),
    tenant(),
    text("name"),  # of its newest version
    maybe_number("draft_version"),  # NULL = nobody works on it
    maybe_number("published_version"),  # NULL = no run begins
    number("last_version"),
    number("revision", default=1),
    number("created_at_ms"),
    number("updated_at_ms"),
    sa.UniqueConstraint("tenant_id", "name"),
)

flow_versions = sa.Table(
    "flow_versions",
    CORE,
    key("flow_id"),
    key("version", Integer),  # from 1; a published one is never changed
    tenant(),
    text("state"),  # draft, published or retired
    json_value("document", default="{}"),
    text("author"),
    text("reason", default=""),
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("published_at_ms"),
    maybe_number("retired_at_ms"),
)

flow_runs = sa.Table(
    "flow_runs",
    CORE,
    key("run_id"),
    tenant(),
    number("run_number"),  # for people
    text("flow_id"),
    number("version"),
    text("name"),  # of the flow when it was begun
    text("target", default=""),
    text("state"),
    text("reason", default=""),
    maybe_text("goal"),  # state once everything is undone
    flag("keeps_effects"),
    maybe_json("event"),  # that began it
    json_value("input", default="{}"),
    text("started_by"),
    text("actor_id", default=""),
    maybe_text("rule_id"),
    maybe_number("rule_version"),
    maybe_number("event_row_id"),
    maybe_text("event_kind"),
    maybe_text("replay_of"),
    maybe_text("replay_from"),
    number("ended", default=0),  # steps that have ended so far
    number("line_count", default=0),
    number("revision", default=1),
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("finished_at_ms"),
    sa.Index(None, "tenant_id", "created_at_ms", "run_id"),
    sa.Index(None, "tenant_id", "flow_id", "created_at_ms"),
    sa.Index(None, "updated_at_ms"),
    sa.Index(None, "finished_at_ms"),
    sa.Index(None, "event_row_id"),
)

flow_run_steps = sa.Table(
    "flow_run_steps",
    CORE,
    key("run_id"),
    key("position", Integer),  # within the version, from 0
    tenant(),
    text("step_id"),
    text("state"),
    number("tries", default=0),
    maybe_text("task_id"),
    maybe_text("undo_task_id"),
    maybe_json("result"),
    flag("reversible"),
    text("error", default=""),
    maybe_text("error_class"),
    number("ended_no", default=0),  # place in the order in which steps ended
    flag("reused"),  # from the run that this one replays
    maybe_number("begun_at_ms"),
    maybe_number("ended_at_ms"),
    sqlite_with_rowid=False,
)

#: the story of a run for people
flow_run_lines = sa.Table(
    "flow_run_lines",
    CORE,
    key("run_id"),
    key("line_no", Integer),
    tenant(),
    number("at_ms"),
    text("what"),
    text("step_id", default=""),
    text("who", default=""),
    text("message", default=""),
    sqlite_with_rowid=False,
)
