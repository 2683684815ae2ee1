"""All tables of the centre; importing this package fills both `MetaData`."""

from __future__ import annotations

from gwf.db.tables import (
    agents,
    alert_documents,
    alerts,
    audit,
    configuration,
    delivery,
    desk,
    events,
    flows,
    identity,
    labels,
    letters,
    rollups,
    rules,
    secrets,
    work,
)
from gwf.db.tables.columns import CORE, EVENTS

__all__ = [
    "CORE",
    "EVENTS",
    "agents",
    "alert_documents",
    "alerts",
    "audit",
    "configuration",
    "delivery",
    "desk",
    "events",
    "flows",
    "identity",
    "labels",
    "letters",
    "rollups",
    "rules",
    "secrets",
    "work",
]
