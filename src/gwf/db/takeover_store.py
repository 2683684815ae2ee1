"""Enters what a Go version's control plane had into the centre's database, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.model import AuditEntry
from gwf.control.fleet.model import Agent, Credentials, Status
from gwf.db.fleet import FleetWriter
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.numbers import EVERYBODY, at_least, take_numbers
from gwf.db.tables.agents import agents
from gwf.db.tables.work import counters, tasks
from gwf.db.tasks_store import SqlTaskChange
from gwf.tasks.model import Task, TaskEvent
from gwf.tasks.step import Step

_MANY = 500


def mark_of(origin: str) -> str:
    """Return the name of the counter that says how far an old audit was taken over."""
    return f"old_audit_{origin}"


class TakeoverReads:
    """What the centre knows of what is to be entered."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read by `connection`."""
        self._connection = connection

    async def agents(self, tenant: str) -> Mapping[str, str]:
        """Return the instance id of each agent; "" for those of other tenants, whose ids are taken all the same."""
        wanted = sa.select(agents.c.agent_id, agents.c.instance_id, agents.c.tenant_id)
        found = await self._connection.execute(wanted)
        return {agent: key if owner == tenant else "" for agent, key, owner in found}

    async def tasks(self, ids: Collection[str]) -> Mapping[str, tuple[int, str, str]]:
        """Return when tasks were made, their types and targets, of those of `ids` that there are."""
        found, wanted = dict[str, tuple[int, str, str]](), sorted(ids)
        row = tasks.c
        for at in range(0, len(wanted), _MANY):
            some = row.task_id.in_(wanted[at : at + _MANY])
            chosen = sa.select(row.task_id, row.created_at_ms, row.type, row.target).where(some)
            found |= {task: (made, kind, target) for task, made, kind, target in await self._connection.execute(chosen)}
        return found

    async def audit(self, origin: str) -> int:
        """Return the highest number in the audit of an old database that was taken over; 0 = none."""
        wanted = sa.select(counters.c.value).filter_by(tenant_id=EVERYBODY, name=mark_of(origin))
        return await self._connection.scalar(wanted) or 0


class TakeoverChange(TakeoverReads):
    """The same with writes."""

    def __init__(self, change: CoreChange) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change
        self._fleet = FleetWriter(change)

    async def add_agents(self, new: Sequence[Agent], statuses: Sequence[Status], *, highest: int) -> None:
        """Enter agents without credentials; later ones get numbers above `highest`."""
        for agent in new:
            await self._fleet.put_agent(agent, Credentials(current=None))
        await self._fleet.put_statuses(statuses)
        await at_least(self._connection, "agent", highest)

    async def add_tasks(self, new: Sequence[Task], story: Sequence[TaskEvent], *, highest: int) -> None:
        """Enter tasks with their stories; later ones get numbers above `highest`."""
        tenants = {task.tenant for task in new}
        for tenant in tenants:
            work = SqlTaskChange(self._change, tenant)
            mine = [task for task in new if task.tenant == tenant]
            await work.enter(mine)
            await work.keep([(None, Step(task=task, opens=True)) for task in mine if task.is_held])
        if story:
            first = await take_numbers(self._connection, "task_event", len(story))
            await SqlTaskChange(self._change, None).add_story(story, tenant=new[0].tenant, first=first)
        await at_least(self._connection, "task", highest)

    async def add_audit(self, entries: Sequence[AuditEntry], *, origin: str, to: int) -> None:
        """Append old entries to the audit, and note how far they go."""
        for entry in entries:
            self._change.record(entry)
        await at_least(self._connection, mark_of(origin), to)

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written to the audit with this transaction."""
        self._change.record(entry)


async def is_used(core: CoreHalf) -> bool:
    """Tell whether anybody or anything was entered into a centre's database."""
    tables = (agents, tasks)
    async with core.view() as connection:
        return any([(await connection.execute(sa.select(table).limit(1))).first() is not None for table in tables])
