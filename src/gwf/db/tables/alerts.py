"""Tables of alerts: how they stand, what is remembered between events, what is to be told, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    CORE,
    Integer,
    flag,
    json_value,
    key,
    later,
    maybe_number,
    number,
    tenant,
    text,
)

alerts = sa.Table(
    "alerts",
    CORE,
    key("alert_id"),
    tenant(),
    number("number"),  # of the tenant's alerts, from 1: the order in which they began
    text("fingerprint"),
    text("rule_id"),
    number("rule_version"),
    text("rule_name", default=""),
    text("group_key"),
    text("status"),  # gwf.alerts.life.model.AlertStatus
    number("severity"),
    text("title"),
    json_value("labels", default="{}"),
    number("started_at_ms"),
    number("seen_at_ms"),
    number("happenings"),
    maybe_number("lapses_at_ms"),
    maybe_number("ended_at_ms"),
    maybe_number("told"),  # severity that people were told
    flag("end_told"),
    text("owner", default=""),
    text("held_by", default=""),
    json_value("steps", default="[]"),
    flag("live"),  # open, or its end is not told yet: part of the state that alerts are moved on from
    number("updated_at_ms"),
    number("revision", default=1),
    sa.Index(None, "tenant_id", "status", "seen_at_ms", "alert_id"),
    sa.Index(None, "tenant_id", "seen_at_ms", "alert_id"),
    sa.Index(None, "tenant_id", "rule_id", "seen_at_ms", "alert_id"),
    sa.Index(None, "tenant_id", "fingerprint", "started_at_ms"),
    sa.Index(None, "live", "tenant_id", "number"),
    sa.Index(None, "group_key"),
    sa.Index(None, "updated_at_ms"),
    sa.Index(  # all that lists count by, so that counting 100,000 alerts reads no rows
        "alerts_spread_index",
        "tenant_id", "started_at_ms", "told", "held_by", "status", "severity", "rule_id", "owner",
        info={"since": "core_0018"},
    ),
)  # fmt: skip

alert_groups = sa.Table(
    "alert_groups",
    CORE,
    key("group_key"),
    tenant(),
    text("rule_id"),
    json_value("policy", default="{}"),
    json_value("labels", default="{}"),
    maybe_number("flush_at_ms"),
    maybe_number("told_at_ms"),
    maybe_number("untaken_since_ms"),
    number("level", default=-1),
    number("reached", default=-1),
)

#: what rules count or miss
alert_counts = sa.Table(
    "alert_counts",
    CORE,
    key("count_id"),  # made of tenant and fingerprint
    tenant(),
    text("fingerprint"),
    text("rule_id"),
    json_value("at_ms", default="[]"),
    text("title", default=""),
    json_value("labels", default="{}"),
    number("severity"),
    flag("missed"),
)

#: batches of events that the rules of alerts have seen, as far back as another may still come in late
alert_batches = sa.Table(
    "alert_batches",
    CORE,
    key("first_row_id", Integer),
    number("taken_at_ms"),
)

#: numbers that move with each turn: how far events were read, turns, alerts of each tenant
alert_marks = sa.Table("alert_marks", CORE, key("name"), number("value"))

#: what people want of an alert, until the next turn takes it
alert_orders = sa.Table(
    "alert_orders",
    CORE,
    key("order_id"),
    tenant(),
    text("alert_id"),
    text("act"),  # gwf.alerts.run.model.Act
    text("by_name"),
    text("reason", default=""),
    number("at_ms"),
    maybe_number("done_at_ms"),
    flag("too_late"),  # it had ended or was taken meanwhile
    sa.Index(None, "done_at_ms", "at_ms"),
)

#: what a rule made of an event: the answer to "why was I told" and "why not"
alert_hits = sa.Table(
    "alert_hits",
    CORE,
    key("row_id", Integer),  # of the event
    key("rule_id"),
    tenant(),
    number("rule_version"),
    flag("is_file"),
    text("outcome"),  # gwf.alerts.sight.model.Outcome
    text("alert_id", default=""),
    number("counted", default=0),  # of a threshold: events so far, with this one
    number("at_ms"),
    later("core_0018", number("happenings", default=1)),  # that it stands for, of an alert with very many events
    sa.Index(None, "alert_id", "row_id"),
    sa.Index(None, "at_ms"),
    sqlite_with_rowid=False,
)

#: what people wrote down about alerts
alert_notes = sa.Table(
    "alert_notes",
    CORE,
    key("note_id"),
    tenant(),
    text("alert_id"),
    number("at_ms"),
    text("by_name"),
    text("text"),
    sa.Index(None, "alert_id", "at_ms", "note_id"),
)

#: the outbox of notices: written with what they tell, delivered until they arrive
notices = sa.Table(
    "notices",
    CORE,
    key("notice_id"),
    tenant(),
    text("kind"),  # gwf.alerts.life.model.NoticeKind
    text("group_key"),
    number("at_ms"),
    number("level"),
    json_value("receivers", default="[]"),
    number("severity"),
    json_value("body", default="{}"),
    text("state"),  # waiting, sent, failed …
    maybe_number("next_at_ms"),
    number("updated_at_ms"),
    sa.Index(None, "state", "next_at_ms", "notice_id"),
    sa.Index(None, "tenant_id", "group_key", "at_ms"),
    sa.Index(None, "tenant_id", "at_ms", "notice_id"),
    sa.Index(None, "updated_at_ms"),
)

#: which alerts a notice is about
notice_alerts = sa.Table(
    "notice_alerts",
    CORE,
    key("alert_id"),
    key("notice_id"),
    sqlite_with_rowid=False,
)
