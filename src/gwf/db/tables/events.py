"""Tables of what happened: events, what happened to files, and how far each agent has told."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import (
    EVENTS,
    Integer,
    key,
    maybe_json,
    maybe_number,
    maybe_text,
    number,
    tenant,
    text,
)

#: kept by days of `row_id`, that is of the time the centre took them
events = sa.Table(
    "events",
    EVENTS,
    key("row_id", Integer),  # ms << 20 | counter, see gwf.db.rowids
    tenant(),
    text("event_id"),
    text("source"),
    text("type"),
    maybe_text("subject"),
    number("at_ms"),
    number("received_at_ms"),
    maybe_text("agent_id"),
    number("label_set_id"),
    number("severity"),
    maybe_text("data"),  # JSON
    maybe_text("content_type"),
    maybe_text("data_schema"),
    maybe_json("extensions"),
    sa.Index(None, "tenant_id", "at_ms", "row_id"),
    sa.Index(None, "tenant_id", "type", "at_ms", "row_id"),
    sa.Index(None, "agent_id", "at_ms", "row_id"),
    postgresql_partition_by="RANGE (row_id)",
)

#: (tenant, source, id) of every stored event, so that none is stored twice
event_keys = sa.Table(
    "event_keys",
    EVENTS,
    key("digest", sa.LargeBinary()),  # 16 bytes
    number("row_id"),
    sa.Index(None, "row_id"),
    sqlite_with_rowid=False,
)

file_events = sa.Table(
    "file_events",
    EVENTS,
    key("row_id", Integer),
    tenant(),
    text("agent_id"),
    text("epoch"),
    number("seq"),
    number("at_ms"),
    number("received_at_ms"),
    number("status"),  # gwf.events.files.FileEventStatus
    number("label_set_id"),
    number("file_ref"),  # finds the life of one path
    number("file_id"),
    number("gen"),
    text("path"),
    maybe_text("store"),
    maybe_text("key"),
    maybe_number("size_bytes"),
    maybe_text("etag"),
    maybe_text("sha256"),
    maybe_number("attempt"),
    maybe_number("duration_ms"),
    maybe_text("reason"),
    maybe_text("error_class"),
    maybe_text("error_code"),
    maybe_text("message"),
    maybe_text("extra"),  # JSON
    sa.Index(None, "tenant_id", "at_ms", "row_id"),
    # with label_set_id: the newest rows are looked through for labels without a look at the rows themselves
    sa.Index(
        None,
        "tenant_id",
        "status",
        "at_ms",
        "row_id",
        postgresql_include=["label_set_id"],
        info={"includes_since": "events_0007"},
    ),
    sa.Index(None, "label_set_id", "status", "at_ms", "row_id"),
    sa.Index(None, "agent_id", "at_ms", "row_id"),
    sa.Index(None, "file_ref", "at_ms", "row_id"),
    sa.Index(  # dead, replayed, dropped: what the dead letters follow
        "file_events_given_up_index",
        "row_id",
        sqlite_where=sa.text("status IN (3, 9, 10)"),
        postgresql_where=sa.text("status IN (3, 9, 10)"),
        info={"since": "events_0005"},
    ),
    postgresql_partition_by="RANGE (row_id)",
)

#: moved in the transaction that stores the rows, so that each is stored exactly once
outbox_marks = sa.Table(
    "outbox_marks",
    EVENTS,
    key("agent_id"),
    key("epoch"),  # of the agent's journal
    tenant(),
    number("acked_seq"),  # everything up to here is stored
    number("updated_at_ms"),
    sqlite_with_rowid=False,
)

#: rows of an outbox that could not be taken as they are; they count as stored for the agent
outbox_rejects = sa.Table(
    "outbox_rejects",
    EVENTS,
    key("agent_id"),
    key("epoch"),
    key("seq", Integer),
    tenant(),
    number("received_at_ms"),
    text("code"),
    text("message"),
    text("content"),  # as it was sent, JSON, cut off at a limit
    sa.Index(None, "received_at_ms"),
)
