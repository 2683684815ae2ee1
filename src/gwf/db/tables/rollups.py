"""Tables of sums over what happened to files, by minute, hour and day."""

from __future__ import annotations

import sqlalchemy as sa

from gwf.db.tables.columns import EVENTS, Integer, key, number

#: see `gwf.ingest.rollup`
file_rollups = sa.Table(
    "file_rollups",
    EVENTS,
    key("step_ms", Integer),  # length of the interval: a minute, an hour or a day
    key("at_ms", Integer),  # begin of the interval
    key("tenant_id"),
    key("agent_id"),
    key("label_set_id", Integer),
    key("store"),  # "" = none
    key("status", Integer),
    key("error_class"),  # "" = no error
    number("events"),
    number("size_bytes"),  # of confirmed files
    number("timed"),  # events that tell a duration
    number("duration_ms"),  # sum
    number("max_duration_ms"),
    sqlite_with_rowid=False,
)
