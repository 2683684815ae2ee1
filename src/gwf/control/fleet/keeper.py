"""Keeps the database and the roster together: what changed is written every second, what others wrote is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.model import Actor, ActorKind, AuditEntry, Resource
from gwf.control.fleet.alarms import Happening, happenings
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.marks import news_in
from gwf.control.fleet.model import Agent, Beat, Status
from gwf.control.fleet.ports import AgentRow, FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import AgentState
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, GwfError
from gwf.core.turns import pieces
from gwf.events.model import Event
from gwf.events.ports import EventSink
from gwf.events.raised import centre_event

TICK_S = 1.0
ALONE_WRITE_MS = 300_000  #: a row is written at least so often while its agent calls, though nothing changed
SHARED_WRITE_MS = 5_000  #: the same where other processes must know of the contact
REFRESH_MS = 2_000  #: how often what other processes wrote is read
OVERLAP_MS = 5_000  #: of two reads: a transaction may be committed a while after the time in its rows
OPENING_MS = 60_000  #: after the fleet was read the port opens within this time; until it is heard of, nobody is silent
AT_ONCE = 200  #: agents that are told of and written in one go
HELD_AT_ONCE = 50  #: the same where their rows are read and judged again first, as other processes may have written
PAUSE_S = 5.0  #: a loop that stood still for so long heard nobody: everybody gets a whole term
LAG_KEEP = 0.8  #: share of the measured lag that is kept from one second to the next

log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeeperFacts:
    """How the keeping goes."""

    #: why the last round failed; "" when it went well
    problem: str = ""
    written_total: int = 0
    rounds_total: int = 0
    #: how long the last round took
    round_s: float = 0.0


class Keeper:
    """One per process. `load` before the first heartbeat is taken, then `run` until it is cancelled, then `close`."""

    def __init__(
        self, heartbeats: Heartbeats, roster: Roster, store: FleetStore, *, sink: EventSink, clock: Clock
    ) -> None:
        """Take the parts."""
        self._heartbeats = heartbeats
        self._roster = roster
        self._store = store
        self._sink = sink
        self._clock = clock
        self._read_at_ms = 0
        self._read_next_ms = 0
        self._ahead_ms = 0
        self._opening_until_ms = 0
        self.facts = KeeperFacts()

    @property
    def _shared(self) -> bool:
        return self._roster.is_shared

    async def load(self) -> None:
        """Read all agents and groups.

        Raises:
            UnavailableError: The database did not answer.
        """
        began_ms = self._clock.now_ms()
        async with self._store.view() as reads:
            groups, rows = await reads.groups(), await reads.rows()
        self._roster.take_groups(groups)
        for row in rows:  # in one go: nobody is served yet
            self._roster.take_row(row)
        self._read_until(began_ms)
        self._roster.listen_anew()
        self._opening_until_ms = self._roster.steady.now_ms() + OPENING_MS

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + TICK_S
        while True:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            late_s = max(0.0, loop.time() - due_s)
            self._heartbeats.lag_s = max(late_s, LAG_KEEP * self._heartbeats.lag_s)
            self._notice_pause(late_s)
            await self.round()
            self.facts.round_s = loop.time() - due_s - late_s
            due_s = max(due_s + TICK_S, loop.time())

    async def close(self) -> None:
        """Write what was heard since the last round, so that a restart knows of it."""
        for live in self._roster.all():
            self._roster.touch(live)
        await self._keep(write_ms=0)

    async def round(self) -> None:
        """Judge, write and read once; what fails is tried again in the next one."""
        try:
            self._notice_opening()
            self._roster.look()
            await self._keep(write_ms=SHARED_WRITE_MS if self._shared else ALONE_WRITE_MS)
            if self._shared and self._roster.steady.now_ms() >= self._read_next_ms:
                await self._read_news()
            self.facts.problem = ""
        except GwfError as exc:
            if str(exc) != self.facts.problem:
                log.warning("fleet_not_written", extra={"error_code": exc.code, "error": str(exc)})
            self.facts.problem = str(exc)
        except Exception:  # the edge of a loop that must not end
            log.exception("fleet_round_crashed")
            self.facts.problem = "a fault of the centre; see its log"
        self.facts.rounds_total += 1

    def _notice_opening(self) -> None:
        """Begin everybody's term anew until the first heartbeat comes: the port opens after the fleet was read."""
        if self._heartbeats.taken_total or self._roster.steady.now_ms() >= self._opening_until_ms:
            self._opening_until_ms = 0
        else:
            self._roster.listen_anew()

    def _notice_pause(self, late_s: float) -> None:
        ahead_ms = self._roster.steady.ahead_ms()
        if late_s >= PAUSE_S or abs(ahead_ms - self._ahead_ms) >= 1000 * PAUSE_S:
            log.warning(
                "centre_stood_still", extra={"late_s": round(late_s, 1), "clock_moved_ms": ahead_ms - self._ahead_ms}
            )
            self._roster.listen_anew()
        self._ahead_ms = ahead_ms

    async def _take(self, rows: Iterable[AgentRow]) -> None:
        async for some in pieces(rows):
            for row in some:
                self._roster.take_row(row)

    def _read_until(self, at_ms: int) -> None:
        self._read_at_ms = at_ms
        self._read_next_ms = self._roster.steady.now_ms() + REFRESH_MS

    async def _read_news(self) -> None:
        """Read what others wrote; of what this process wrote itself only that it is known."""
        began_ms = self._clock.now_ms()
        async with self._store.view() as reads:
            groups = await reads.groups()
            marks = await reads.marks(updated_since_ms=max(0, self._read_at_ms - OVERLAP_MS))
        self._roster.take_groups(groups)
        news = news_in(marks, self._roster)
        for at in range(0, len(news), AT_ONCE):
            async with self._store.view() as reads:
                rows = await reads.rows(news[at : at + AT_ONCE])
            await self._take(rows)
        self._read_until(began_ms)

    async def _keep(self, *, write_ms: int) -> None:
        """Tell and write what changed. Telling comes first: its ids are the same in a repeat, so nothing is lost."""
        lives = list(self._roster.touched())
        at_once = HELD_AT_ONCE if self._shared else AT_ONCE
        done = 0
        try:
            while done < len(lives):  # a part at a time: heartbeats must not wait for a fleet to be written
                await self._keep_these(lives[done : done + at_once], write_ms)
                done += at_once
                await asyncio.sleep(0)
        except BaseException:
            for live in lives[done:]:
                self._roster.touch(live)
            raise

    async def _keep_these(self, lives: Sequence[Live], write_ms: int) -> None:
        news = [live for live in lives if live.news]
        if news:
            await self._write_news(news)
        due = [live for live in lives if _is_due(live.stored, self._status(live), write_ms)]
        if not due:
            return
        if self._shared:
            await self._settle_shared(due)
        else:
            statuses = await self._told(due)
            async with self._store.change() as change:
                await change.put_statuses(statuses)
            _stored(due, statuses)
        self.facts.written_total += len(due)

    async def _settle_shared(self, lives: Sequence[Live]) -> None:
        """Tell and write while nobody else can: what was told of an agent is what its row says, whoever wrote that."""
        async with self._store.change() as change:
            self._roster.take_statuses(await change.hold_statuses([live.agent.agent_id for live in lives]))
            statuses = await self._told(lives)
            await change.put_statuses(statuses)
        _stored(lives, statuses)

    async def _told(self, lives: Sequence[Live]) -> Sequence[Status]:
        """Tell of what changed; return how the agents were at that moment."""
        statuses = [self._status(live) for live in lives]
        events = [event for live in lives for event in self._events(live)]
        if events:
            await self._sink.emit(events)
        return statuses

    def _status(self, live: Live) -> Status:
        wall_ms = self._roster.steady.wall_ms
        return Status(
            agent_id=live.agent.agent_id,
            tenant=live.agent.tenant,
            state=live.verdict.state,
            cause=live.verdict.cause,
            state_since_ms=wall_ms(live.state_since_ms),
            contact_at_ms=None if live.contact_ms is None else wall_ms(live.contact_ms),
            heartbeats=live.heartbeats,
            skew_ms=live.best_skew_ms(),
            told_wait_s=live.told_wait_s,
            beat=live.beat,
        )

    def _events(self, live: Live) -> Iterable[Event]:
        # what the database holds does not change before this is written: a repeat after a crash has the same id
        stored = live.stored
        since_ms = stored.contact_at_ms if stored is not None and stored.contact_at_ms else live.agent.registered_at_ms
        for happening in happenings(live.as_told(), live.as_shown()):
            yield self._event(live, happening, since_ms)

    def _event(self, live: Live, happening: Happening, since_ms: int) -> Event:
        agent = live.agent
        event = centre_event(
            happening.kind,
            at_ms=self._clock.now_ms(),
            event_id=f"{agent.agent_id}:{happening.kind}:{happening.about}:{since_ms}",
            severity=happening.severity,
            subject=happening.about or agent.hostname,
            data={"hostname": agent.hostname, **happening.data, **self._silence(live)},
        )
        return replace(event, tenant=agent.tenant, agent_id=agent.agent_id, labels=agent.all_labels)

    def _silence(self, live: Live) -> dict[str, object]:
        if live.contact_ms is None or live.verdict.state is not AgentState.OFFLINE:
            return {}
        return {"silent_s": round((self._roster.steady.now_ms() - live.contact_ms) / 1000)}

    async def _write_news(self, lives: Sequence[Live]) -> None:
        """Write what agents said of themselves."""
        now_ms = self._clock.now_ms()
        after = {live.agent.agent_id: _told(live.agent, live.beat, now_ms) for live in lives}
        try:
            async with self._store.change() as change:
                for live in lives:
                    agent = after[live.agent.agent_id]
                    if agent is not live.agent:
                        await change.put_agent(agent)
                        change.record(_entry(live.agent, agent))
        except ConflictError:  # somebody changed one of them meanwhile: the next round goes on from there
            await self._read_again(lives)
            return
        for live in lives:
            live.news = False
            self._roster.take_agent(after[live.agent.agent_id])

    async def _read_again(self, lives: Sequence[Live]) -> None:
        async with self._store.view() as reads:
            rows = [await reads.row(live.agent.agent_id) for live in lives]
        for live, row in zip(lives, rows, strict=True):
            self._roster.touch(live)
            if row is not None:
                self._roster.take_agent(row.agent)


def _stored(lives: Sequence[Live], statuses: Sequence[Status]) -> None:
    for live, status in zip(lives, statuses, strict=True):
        live.stored = status


def _told(agent: Agent, beat: Beat | None, now_ms: int) -> Agent:
    if beat is None or not beat.hostname:  # none was heard by this process
        return agent
    if (beat.hostname, beat.version, beat.labels) == (agent.hostname, agent.version, agent.labels):
        return agent
    return replace(
        agent,
        hostname=beat.hostname,
        version=beat.version,
        labels=beat.labels,
        updated_at_ms=now_ms,
        revision=agent.revision + 1,
    )


def _entry(before: Agent, after: Agent) -> AuditEntry:
    return AuditEntry(
        tenant=after.tenant,
        actor=Actor(kind=ActorKind.AGENT, id=after.agent_id),
        action="agent.update",
        resource=Resource(kind="agent", id=after.agent_id),
        at_ms=after.updated_at_ms,
        changes=field_changes(before.facts(), after.facts()),
    )


def _is_due(stored: Status | None, status: Status, write_ms: int) -> bool:
    if stored is None or _essence(stored) != _essence(status):
        return True
    if status.contact_at_ms is None or stored.contact_at_ms is None:
        return status.contact_at_ms != stored.contact_at_ms
    return status.contact_at_ms - stored.contact_at_ms > write_ms


def _essence(status: Status) -> tuple[object, ...]:
    """Return what is written at once when it changes; numbers and times are not among it."""
    beat = status.beat
    wait = round(status.told_wait_s).bit_length()  # twice as long is another matter, a little longer is not
    if beat is None:
        return (status.state, status.cause, wait)
    last_error = beat.errors[0] if beat.errors else None
    running = (beat.config_hash, beat.config_version, beat.config_local, tuple(beat.knows))
    return (status.state, status.cause, wait, beat.health, beat.codes(), beat.breakers, last_error, running)
