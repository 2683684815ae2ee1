"""Tables of dead letters: what failed for good, the runs that do it again, and how far failures were read."""

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
    measure,
    number,
    tenant,
    text,
)

letters = sa.Table(
    "letters",
    CORE,
    key("letter_id"),
    tenant(),
    text("kind"),  # gwf.letters.model.LetterKind
    text("state"),
    flag("poison"),
    text("error_class"),
    text("place"),  # store, kind of task and its receiver, rule
    text("cause"),  # the message without what differs
    text("cause_id"),
    text("message"),  # of the last failure
    text("about"),  # for people
    text("subject"),  # names it among all of its kind
    number("version", default=0),
    number("mark"),  # grows with each failure; an older one changes nothing
    number("attempts", default=1),
    number("replays", default=0),
    maybe_text("agent_id"),
    maybe_text("rule_id"),
    json_value("source", default="{}"),  # what a replay needs
    maybe_json("edit"),  # what is to be changed before the next replay
    maybe_text("run_id"),  # the last run that took it
    text("note", default=""),  # code of why that run could not do it
    number("first_seen_ms"),
    number("last_seen_ms"),
    number("updated_at_ms"),
    sa.Index(None, "tenant_id", "state", "last_seen_ms", "letter_id"),
    sa.Index(None, "tenant_id", "cause_id", "state"),
    sa.Index(None, "run_id", "state"),
    sa.Index(None, "state", "kind", "letter_id"),
    sa.Index(None, "updated_at_ms"),
)

letter_runs = sa.Table(
    "letter_runs",
    CORE,
    key("run_id"),
    tenant(),
    text("act"),  # replay or drop
    number("total"),
    measure("rate_per_s"),  # NULL = as fast as it goes
    json_value("actor", default="{}"),  # kind, id and address of who ordered it
    text("by_name", default=""),
    text("reason", default=""),
    text("request_id", default=""),
    number("created_at_ms"),
    maybe_number("ended_at_ms"),  # NULL = under way
    flag("stopped"),
    sa.Index(None, "tenant_id", "created_at_ms", "run_id"),
    sa.Index(None, "ended_at_ms", "created_at_ms"),
)

#: what the last look at a cause found
letter_probes = sa.Table(
    "letter_probes",
    CORE,
    key("tenant_id"),
    key("cause_id"),
    text("verdict"),
    json_value("findings", default="[]"),
    number("at_ms"),
    sqlite_with_rowid=False,
)

#: how far each source of failures was read
letter_sources = sa.Table(
    "letter_sources",
    CORE,
    key("source"),
    number("place"),
)
