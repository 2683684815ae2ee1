"""Tables of the work the centre gives out: tasks, attempts, rules and notifications."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    Integer,
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

_RULES = "core_0008"
_TASKS = "core_0009"
_FLOWS = "core_0010"
_LETTERS = "core_0011"

tasks = sa.Table(
    "tasks",
    CORE,
    key("task_id"),
    tenant(),
    text("idempotency_key"),  # the same cause makes the same task
    text("type"),
    text("target", default=""),
    maybe_json("payload"),
    number("priority", default=0),
    text("status"),
    text("failure_reason", default=""),
    maybe_text("agent_id"),  # assigned to
    text("created_by"),
    number("retry_count", default=0),
    number("max_retries", default=3),
    number("run_no", default=1),  # grows with each replay
    number("fence", default=0),  # grows with each lease; a report with an older one changes nothing
    maybe_number("next_run_at_ms"),
    maybe_number("deadline_at_ms"),
    maybe_number("lease_until_ms"),
    maybe_number("file_event_id"),  # row of file_events that caused it
    maybe_text("rule_id"),
    maybe_number("rule_version"),
    maybe_json("result"),
    number("created_at_ms"),
    number("updated_at_ms"),
    maybe_number("finished_at_ms"),
    later(_TASKS, text("executor", default="any")),
    later(_TASKS, maybe_text("for_agent_id")),  # the agent that is to do it
    later(_TASKS, json_value("policy", default="{}")),
    later(_TASKS, number("attempts", default=0)),  # of this run, those that count
    later(_TASKS, number("lost", default=0)),  # of this run, executors that vanished with it
    later(_TASKS, maybe_text("error_class")),
    later(_TASKS, maybe_json("undo")),
    later(_TASKS, flag("undoing")),
    later(_TASKS, number("place_ms", default=0)),  # order among pending tasks
    later(_TASKS, maybe_number("due_at_ms")),  # when the clock makes its next step
    later(_FLOWS, maybe_text("flow_run_id")),  # the run that it is a step of
    later(_FLOWS, maybe_text("flow_step")),
    sa.UniqueConstraint("tenant_id", "idempotency_key"),
    sa.Index(None, "tenant_id", "created_at_ms", "task_id"),
    sa.Index(None, "tenant_id", "status", "priority", "created_at_ms"),
    sa.Index(None, "agent_id", "status"),
    sa.Index(None, "due_at_ms", info={"since": _TASKS}),
    sa.Index(None, "status", "executor", "place_ms", "task_id", info={"since": _TASKS}),
    sa.Index(None, "for_agent_id", "status", "place_ms", info={"since": _TASKS}),
    sa.Index(None, "flow_run_id", info={"since": _FLOWS}),
    sa.Index(None, "file_event_id", info={"since": _LETTERS}),
)

task_attempts = sa.Table(
    "task_attempts",
    CORE,
    key("task_id"),
    key("run_no", Integer),
    key("node"),  # step of the plan; "" = the whole task
    key("attempt_no", Integer),
    tenant(),
    text("executor"),  # agent or worker
    text("outcome"),
    maybe_text("error_class"),
    maybe_text("error"),
    number("started_at_ms"),
    maybe_number("ended_at_ms"),
    maybe_json("result"),
    sqlite_with_rowid=False,
)

#: the story of a task for people
task_events = sa.Table(
    "task_events",
    CORE,
    key("event_no", Integer),  # time-ordered
    tenant(),
    text("task_id"),
    text("agent_id", default=""),
    text("event_type"),
    text("message", default=""),
    number("at_ms"),
    sa.Index(None, "task_id", "event_no"),
)

routing_rules = sa.Table(
    "routing_rules",
    CORE,
    key("rule_id"),
    key("version", Integer),  # from 1; a published one is never changed
    tenant(),
    text("name"),
    text("state"),  # draft, published or retired
    flag("enabled"),
    number("priority", default=0),
    json_value("matcher", default="{}"),
    json_value("actions", default="[]"),
    text("author"),
    text("reason", default=""),
    number("created_at_ms"),
    maybe_number("published_at_ms"),
    later(_RULES, json_value("options", default="{}")),  # the other keys of the rule as it was written
    later(_RULES, number("updated_at_ms", default=0)),
    later(_RULES, maybe_number("retired_at_ms")),
    sa.Index(None, "tenant_id", "state", "priority"),
)

notifications = sa.Table(
    "notifications",
    CORE,
    key("notification_id"),
    tenant(),
    text("channel"),
    text("state"),
    maybe_number("event_id"),  # row of events that caused it
    text("title", default=""),
    json_value("message", default="{}"),
    number("attempts", default=0),
    maybe_number("next_at_ms"),
    maybe_text("error"),
    maybe_json("receipt"),  # what the channel answered
    number("created_at_ms"),
    maybe_number("sent_at_ms"),
    sa.Index(None, "tenant_id", "created_at_ms"),
    sa.Index(None, "state", "next_at_ms"),
)

#: numbers for ids that people read, such as tsk-000001
counters = sa.Table(
    "counters",
    CORE,
    key("tenant_id"),
    key("name"),
    number("value"),  # the last one given out
    sqlite_with_rowid=False,
)

#: what only one of several centre processes may do at a time
leases = sa.Table(
    "leases",
    CORE,
    key("name"),
    text("owner"),
    number("fence", default=0),  # grows with each change of owner
    number("expires_at_ms"),  # by the clock of the database
)

#: questions to agents while somebody waits for the answer; used where several servers share a database
asks = sa.Table(
    "asks",
    CORE,
    key("ask_id"),
    tenant(),
    text("agent_id"),
    text("kind"),
    text("body"),  # JSON object
    number("deadline_at_ms"),
    flag("fetched"),
    flag("ended"),  # nobody waits any more, the agent should be told
    maybe_digest("reply"),  # msgpack of what the agent answered; taken away with the row by whoever waits
    sa.Index(None, "agent_id"),
    sa.Index(None, "deadline_at_ms"),
)
