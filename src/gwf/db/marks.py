"""Holds and moves the marks of the agents' outboxes inside a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.db.half import Change
from gwf.db.tables.events import outbox_marks
from gwf.ingest.model import Sender

Marks = dict[tuple[str, str], int]
"""(agent, epoch) → last sequence that is stored; 0 = nothing"""


async def hold_marks(change: Change, wanted: Sequence[tuple[Sender, str]], *, now_ms: int) -> Marks:
    """Return the marks, and let no other change move them before this one ends."""
    if not wanted:
        return {}
    table = outbox_marks.c
    tenants = {(sender.agent_id, epoch): sender.tenant for sender, epoch in wanted}
    names = sorted(tenants)  # in one order everywhere: no two changes wait in a circle
    connection = change.connection
    rows = [
        {"agent_id": name[0], "epoch": name[1], "tenant_id": tenants[name], "acked_seq": 0, "updated_at_ms": now_ms}
        for name in names
    ]
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    chosen = sa.select(table.agent_id, table.epoch, table.acked_seq).where(
        sa.tuple_(table.agent_id, table.epoch).in_(names)
    )
    chosen = chosen.order_by(table.agent_id, table.epoch).with_for_update()
    found = await _read(change, chosen)
    missing = [row for row in rows if (row["agent_id"], row["epoch"]) not in found]
    if missing:
        await connection.execute(make(outbox_marks).on_conflict_do_nothing(), missing)
        found = await _read(change, chosen)
    return found


async def move_marks(change: Change, marks: Mapping[tuple[str, str], int], *, now_ms: int) -> None:
    """Write the marks that are held."""
    if not marks:
        return
    table = outbox_marks.c
    move = (
        sa.update(outbox_marks)
        .where(table.agent_id == sa.bindparam("agent"), table.epoch == sa.bindparam("journal"))
        .values(acked_seq=sa.bindparam("seq"), updated_at_ms=now_ms)
    )
    rows = [{"agent": agent, "journal": epoch, "seq": seq} for (agent, epoch), seq in sorted(marks.items())]
    await change.connection.execute(move, rows)


async def _read(change: Change, chosen: sa.Select[Any, Any, Any]) -> Marks:
    rows = await change.connection.execute(chosen)
    return {(row.agent_id, row.epoch): row.acked_seq for row in rows}
