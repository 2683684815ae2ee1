"""Tables of the delivery: notices on their way through channels, messages, what channels were sent and how they do."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import CORE, flag, json_value, key, maybe_number, maybe_text, number, tenant, text

#: one notice on its way through one channel
notice_parts = sa.Table(
    "notice_parts",
    CORE,
    key("notice_id"),
    key("channel"),
    tenant(),
    flag("urgent"),
    number("severity"),
    number("at_ms"),  # of the notice
    number("due_at_ms"),  # later than it in quiet hours
    json_value("mobiles", default="[]"),
    json_value("emails", default="[]"),
    json_value("people", default="[]"),
    text("instead_of", default=""),  # channel that this one stands in for
    text("state"),  # gwf.alerts.delivery.model.PartState
    maybe_text("message_id"),
    number("updated_at_ms"),
    sa.Index(None, "channel", "state", "urgent", "due_at_ms"),
    sa.Index(None, "message_id"),
    sqlite_with_rowid=False,
)

#: what channels are sent: a row before it is sent
messages = sa.Table(
    "messages",
    CORE,
    key("message_id"),
    tenant(),
    text("channel"),
    flag("urgent"),
    text("state"),  # gwf.alerts.delivery.model.MessageState
    text("title"),
    text("body"),
    number("severity"),
    number("parts"),  # notices in it; 0 = a test
    json_value("mobiles", default="[]"),
    json_value("emails", default="[]"),
    number("attempts", default=0),
    flag("unsure"),  # a try ended without anybody knowing how
    maybe_number("next_at_ms"),
    maybe_number("sending_until_ms"),  # whoever sends it has ended by then
    text("receipt", default=""),  # the channel's own name of it
    text("error_class", default=""),
    text("error", default=""),
    number("created_at_ms"),
    maybe_number("sent_at_ms"),
    number("updated_at_ms"),
    sa.Index(None, "state", "channel", "next_at_ms"),
    sa.Index(None, "tenant_id", "created_at_ms", "message_id"),
    sa.Index(None, "tenant_id", "channel", "created_at_ms"),
    sa.Index(None, "updated_at_ms"),
)

#: places of budgets that were taken, by whatever process
channel_spends = sa.Table(
    "channel_spends",
    CORE,
    key("channel"),
    key("spend_id"),
    flag("urgent"),
    number("at_ms"),
    maybe_number("end_ms"),  # NULL = on its way
    number("until_ms"),  # on its way no longer than this
    sqlite_with_rowid=False,
)

#: how channels do, from what they answered
channel_health = sa.Table(
    "channel_health",
    CORE,
    key("channel"),
    maybe_number("down_since_ms"),
    number("failures", default=0),
    number("blocked_until_ms", default=0),
    maybe_number("last_ok_ms"),
    maybe_number("last_failed_ms"),
    text("error_class", default=""),
    text("error", default=""),
)

#: texts of messages that people wrote
message_templates = sa.Table(
    "message_templates",
    CORE,
    key("tenant_id"),
    key("kind"),  # gwf.alerts.delivery.template.KINDS
    text("title"),
    text("body"),
    number("revision", default=1),
    text("by_name", default=""),
    number("updated_at_ms"),
)
