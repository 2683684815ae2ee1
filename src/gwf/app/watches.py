"""Notices what changed of a centre, whichever process changed it, for the stream of hints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gwf.api.feed import Change
from gwf.control.fleet.roster import Roster
from gwf.control.rollout.boards import Boards
from gwf.core.clock import Clock
from gwf.db.moved import Moved
from gwf.db.newest import Newest
from gwf.tasks.step import Step
from gwf.wire.edge import HealthState, Reason
from gwf.wire.stream import Topic

BEATS_EVERY_S = 5.0  #: heartbeats alone are told so often: lists show their numbers
MANY = 50  #: agents that are told one by one; of more it is only said that there are some
LOOKED_EVERY_S = 0.5  #: how often runs of flows, and dead letters, are looked for
OVERLAP_MS = 5_000  #: clocks of servers differ, and transactions end later than they say
STORED_EVERY_S = 1.0  #: how often the database is asked


class HealthWatch:
    """Notices that the centre is well or not, and why (gwf.api.feed.Watch)."""

    def __init__(self, state: Callable[[], tuple[HealthState, list[Reason]]]) -> None:
        """Ask `state`, which never blocks."""
        self._state = state
        self._seen: tuple[HealthState, list[Reason]] | None = None
        self._version = 0

    async def look(self) -> Sequence[Change]:
        """Return one change when state or reasons are others."""
        now = self._state()
        if now == self._seen:
            return ()
        self._seen = now
        self._version += 1
        return [Change(topic="health", version=self._version)]


class AgentsWatch:
    """Notices agents of which something changed that people look for (gwf.api.feed.Watch)."""

    def __init__(self, roster: Roster, clock: Clock) -> None:
        """Look at `roster`, which knows what other processes heard two seconds later."""
        self._roster = roster
        self._clock = clock
        self._news = -1
        self._beats = -1
        self._beats_s = 0.0

    async def look(self) -> Sequence[Change]:
        """Return the agents that changed, or that many did; now and then that some sent heartbeats."""
        return [*self._of_news(), *self._of_beats()]

    def _of_news(self) -> Sequence[Change]:
        since, now = self._news, self._roster.news_total
        if since == now:
            return ()
        self._news = now
        changed = [live.agent for live in self._roster.all() if live.news_no > since]
        if not changed or len(changed) > MANY:
            return [Change(topic="agents", version=now)]
        return [Change(topic="agents", version=now, id=agent.agent_id, tenant=agent.tenant) for agent in changed]

    def _of_beats(self) -> Sequence[Change]:
        beats, now_s = self._roster.beats_total, self._clock.monotonic_s()
        if beats == self._beats or now_s < self._beats_s + BEATS_EVERY_S:
            return ()
        self._beats, self._beats_s = beats, now_s
        return [Change(topic="agents", version=self._roster.news_total)]


class RolloutsWatch:
    """Notices changes of layers, versions, rollouts and attempts (gwf.api.feed.Watch)."""

    def __init__(self, boards: Boards) -> None:
        """Look at `boards`, which are as new as the database within half a second."""
        self._boards = boards
        self._seen: int | None = None

    async def look(self) -> Sequence[Change]:
        """Return one change when there were any."""
        now = self._boards.change
        if now == self._seen:
            return ()
        self._seen = now
        return [Change(topic="rollouts", version=max(0, now))]


class TasksWatch:
    """Notices steps of tasks that this process made (gwf.api.feed.Watch); lists ask for those of others themselves."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._changed: dict[str, str] = {}
        self._version = 0

    def took(self, step: Step) -> None:
        """Take note of a step that became durable."""
        self._version += 1
        if len(self._changed) <= MANY:
            self._changed[step.task.task_id] = step.task.tenant

    async def look(self) -> Sequence[Change]:
        """Return the tasks that changed, or that many did."""
        changed, self._changed = self._changed, {}
        if len(changed) > MANY:
            return [Change(topic="tasks", version=self._version)]
        return [
            Change(topic="tasks", version=self._version, id=task_id, tenant=tenant)
            for task_id, tenant in changed.items()
        ]


class Rows(Protocol):
    """Tells which rows of a kind changed, and what else of it did."""

    async def changed_since(self, since_ms: int, *, limit: int) -> Sequence[Moved]:
        """Return the rows of all tenants that changed at or after a moment, the newest first."""
        ...

    async def rest(self) -> tuple[int, int]:
        """Return numbers that are others once something changed that no row tells."""
        ...


class RowsWatch:
    """Notices rows that changed, whichever process changed them, and what belongs to them (gwf.api.feed.Watch)."""

    def __init__(self, topic: Topic, rows: Rows, clock: Clock) -> None:
        """Tell on `topic` what `rows` tells."""
        self._topic: Topic = topic
        self._rows = rows
        self._clock = clock
        self._since_ms = 0
        #: of the rows that were told and may be looked at again: how they looked
        self._told: Mapping[str, object] = {}
        self._rest: tuple[int, int] | None = None
        self._version = 0
        self._due_s = 0.0

    async def look(self) -> Sequence[Change]:
        """Return the rows that changed, or that many did, or that something else did."""
        now_s = self._clock.monotonic_s()
        if now_s < self._due_s:
            return ()
        self._due_s = now_s + LOOKED_EVERY_S
        rest = await self._rows.rest()
        moved = await self._rows.changed_since(self._since_ms, limit=MANY + 1)
        news = [one for one in moved if self._told.get(one.id) != (one.at_ms, one.look)]
        has_more = rest != self._rest or (len(moved) > MANY and bool(news))
        self._told = {one.id: (one.at_ms, one.look) for one in moved}
        self._since_ms = max((one.at_ms - OVERLAP_MS for one in moved), default=self._since_ms)
        self._rest = rest
        if not news and not has_more:
            return ()
        self._version += 1
        if has_more:
            return [Change(topic=self._topic, version=self._version)]
        return [Change(topic=self._topic, version=self._version, id=one.id, tenant=one.tenant) for one in news]


class StoredWatch:
    """Notices new audit entries and file events in the database, whoever wrote them (gwf.api.feed.Watch)."""

    def __init__(self, newest: Newest, clock: Clock) -> None:
        """Ask `newest`."""
        self._newest = newest
        self._clock = clock
        self._audit: Mapping[str, int] = {}
        self._file_event = -1
        self._file_changes = 0
        self._due_s = 0.0

    async def look(self) -> Sequence[Change]:
        """Return each tenant whose record grew, and that file events came."""
        now_s = self._clock.monotonic_s()
        if now_s < self._due_s:
            return ()
        self._due_s = now_s + STORED_EVERY_S
        audit, file_event = await self._newest.audit(), await self._newest.file_event()
        changes = [
            Change(topic="audit", version=seq, id="", tenant=tenant)
            for tenant, seq in audit.items()
            if self._audit.get(tenant) != seq
        ]
        if file_event != self._file_event:
            self._file_changes += 1
            changes.append(Change(topic="files", version=self._file_changes))
        self._audit, self._file_event = audit, file_event
        return changes
