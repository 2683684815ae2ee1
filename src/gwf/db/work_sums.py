"""Adds up the sums over file events by interval, status and class, of all agents or of some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gwf.control.overview.ports import WorkSum, WorkWish
from gwf.db.half import Half
from gwf.db.tables.rollups import file_rollups
from gwf.events.files import FileEventStatus

_MANY = 5_000  #: agents of one statement
_ROW = file_rollups.c


class WorkSums:
    """Speaks the port `WorkReads` of the overview."""

    def __init__(self, events: Half) -> None:
        """Read from the half of what happened."""
        self._events = events

    async def work(self, wish: WorkWish) -> Sequence[WorkSum]:
        """Return sums."""
        agents = None if wish.agents is None else sorted(wish.agents)
        found: list[WorkSum] = []
        async with self._events.view() as connection:
            for at in range(0, 1 if agents is None else len(agents), _MANY):
                some = None if agents is None else agents[at : at + _MANY]
                rows = await connection.execute(_statement(wish, some))
                found += [
                    WorkSum(
                        at_ms=int(row.bucket),
                        status=FileEventStatus(row.status),
                        error_class=row.error_class,
                        events=int(row.events),
                        size_bytes=int(row.size_bytes),
                    )
                    for row in rows
                ]
        return found


def _statement(wish: WorkWish, agents: Sequence[str] | None) -> sa.Select[Any]:
    bucket = (_ROW.at_ms - _ROW.at_ms % wish.bucket_ms).label("bucket")
    chosen = sa.select(
        bucket,
        _ROW.status,
        _ROW.error_class,
        sa.func.sum(_ROW.events).label("events"),
        sa.func.sum(_ROW.size_bytes).label("size_bytes"),
    ).where(
        _ROW.step_ms == wish.step_ms,
        _ROW.at_ms >= wish.since_ms - wish.since_ms % wish.step_ms,
        _ROW.at_ms < wish.until_ms,
        _ROW.tenant_id == wish.tenant,
    )
    if agents is not None:
        chosen = chosen.where(_ROW.agent_id.in_(agents))
    return chosen.group_by(bucket, _ROW.status, _ROW.error_class)  # pyright: ignore[reportReturnType] - of any rows
