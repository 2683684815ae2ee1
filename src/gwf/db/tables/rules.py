"""Tables of rules and of what they decided; the versions of rules themselves are `routing_rules`."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    EVENTS,
    Integer,
    json_value,
    key,
    later,
    maybe_json,
    maybe_number,
    number,
    tenant,
    text,
)

rules = sa.Table(
    "rules",
    CORE,
    key("rule_id"),
    tenant(),
    text("name"),  # of its newest version
    maybe_number("draft_version"),  # NULL = nobody works on it
    maybe_number("published_version"),  # NULL = not in force
    number("last_version"),
    number("revision", default=1),
    number("created_at_ms"),
    number("updated_at_ms"),
    sa.UniqueConstraint("tenant_id", "name"),
)

#: which versions were in force together; never changed
rule_sets = sa.Table(
    "rule_sets",
    CORE,
    key("tenant_id"),
    key("set_no", Integer),  # 1, 2, 3 … within the tenant
    json_value("members", default="[]"),  # [rule_id, version], highest priority first
    number("created_at_ms"),
    sqlite_with_rowid=False,
)

#: events that were stored in one transaction, and whether the rules have decided about them
decision_batches = sa.Table(
    "decision_batches",
    EVENTS,
    key("first_row_id", Integer),  # lowest of its events
    json_value("ranges", default="[]"),  # [first, last] of its events' numbers, the lowest first
    number("events"),
    number("taken_at_ms"),
    maybe_number("decided_at_ms"),  # NULL = not yet
    maybe_json("sets"),  # number of the rule set by tenant; a tenant without rules is not in it
    sa.Index(None, "decided_at_ms", "taken_at_ms"),
)

#: of events that a rule matched
decisions = sa.Table(
    "decisions",
    EVENTS,
    key("row_id", Integer),  # of the event
    tenant(),
    number("is_file"),  # 1 = of file_events, 0 = of events
    number("set_no"),
    text("matched"),  # JSON: [rule_id, version] in the order they were asked
    number("drafts", default=0),
    number("faults", default=0),
    number("decided_at_ms"),
    maybe_number("handed_at_ms"),  # when its drafts became work; NULL = not yet
    sa.Index(None, "tenant_id", "row_id"),
    sa.Index(None, "handed_at_ms", "row_id"),
    sa.Index(
        "decisions_faulty_index",
        "decided_at_ms",
        sqlite_where=sa.text("faults > 0"),
        postgresql_where=sa.text("faults > 0"),
        info={"since": "events_0005"},
    ),
)

#: how often each rule version matched, by hours
rule_hits = sa.Table(
    "rule_hits",
    EVENTS,
    key("tenant_id"),
    key("rule_id"),
    key("version", Integer),
    key("at_ms", Integer),  # begin of the hour
    number("hits"),
    later("events_0006", number("last_at_ms", default=0)),  # 0 = some time within the hour
    sa.Index(None, "at_ms"),
    sqlite_with_rowid=False,
)
