"""All agents in memory: who has which credential, when each was heard of, and whose state is due to be looked at."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gwf.control.fleet.alarms import NOTHING_TOLD, Shown, shown_of
from gwf.control.fleet.groups import AgentGroup, Membership, membership
from gwf.control.fleet.model import Agent, AgentId, Beat, Credentials, Status
from gwf.control.fleet.ports import AgentRow
from gwf.control.fleet.skew import ClockSkew
from gwf.control.fleet.state import (
    AgentHealth,
    AgentState,
    Moment,
    Seen,
    Thresholds,
    Verdict,
    judge,
    look_again_ms,
)
from gwf.control.fleet.steady import Steady
from gwf.control.fleet.track import Condition, Track, condition_of, remembered
from gwf.core.clock import Clock

SHARED_LAG_MS = 10_000  #: what other processes heard is known here after so long at most
SAME_MS = 500  #: two clocks differ; times of contact that are this near mean the same heartbeat


@dataclass(slots=True, kw_only=True)
class Live:
    """One agent as this process knows it. Moments are those of `Steady`, which no change of the wall clock moves."""

    agent: Agent
    credentials: Credentials
    membership: Membership
    registered_ms: int
    contact_ms: int | None = None
    verdict: Verdict = field(default_factory=lambda: Verdict(AgentState.ONLINE))
    state_since_ms: int = 0
    heartbeats: int = 0
    skew: ClockSkew = field(default_factory=ClockSkew)
    #: as another process or one before this one measured it
    skew_ms: int | None = None
    well_since_ms: int | None = None
    #: seconds until its next heartbeat as it was told last
    told_wait_s: float = 0.0
    #: the last one
    beat: Beat | None = None
    #: it said something of itself that `agent` does not have: to be written
    news: bool = False
    #: what the database holds of how it is, all of which was told by events; None = nothing
    stored: Status | None = None
    #: when it stands in the list of those to look at; None = it does not
    look_ms: int | None = None
    #: how it was in the last half hour
    track: Track = field(default_factory=Track)
    #: what `Roster.news` was when something of it changed last that people look for
    news_no: int = 0

    def wait_s(self) -> float:
        """Return the longest wait for its next heartbeat: as it was told last, or as its own settings want."""
        own = self.beat.metrics.get("heartbeat_s") if self.beat is not None else None
        return max(self.told_wait_s, own or 0.0)

    def seen(self) -> Seen:
        """Return what its state is judged by."""
        return Seen(
            contact_ms=self.contact_ms,
            registered_ms=self.registered_ms,
            health=self.beat.health if self.beat is not None else AgentHealth.OK,
            well_since_ms=self.well_since_ms,
            wait_s=self.wait_s(),
            drain=self.agent.drain,
            revoked=self.agent.revoked_at_ms is not None,
            state=self.verdict.state,
        )

    def as_shown(self) -> Shown:
        """Return what there is to tell of it now."""
        return shown_of(self.verdict.state, self.verdict.cause, self.beat)

    def condition(self) -> Condition:
        """Return its state, and whether it can do its duty."""
        return condition_of(self.verdict.state, None if self.beat is None else self.beat.health)

    def as_told(self) -> Shown:
        """Return what was told of it, by this process or another."""
        stored = self.stored
        return NOTHING_TOLD if stored is None else shown_of(stored.state, stored.cause, stored.beat)

    def best_skew_ms(self) -> int | None:
        """Return how far its clock is ahead of ours; None = not known."""
        own = self.skew.value_ms
        return self.skew_ms if own is None else own


class Roster:
    """The agents of all tenants. Used in one event loop; nothing here waits."""

    def __init__(self, clock: Clock, usual: Thresholds, *, is_shared: bool = False) -> None:
        """Begin without agents; `is_shared` = other processes may hear them too.

        What those heard is known here a while later: everybody is given so much longer.
        """
        self.steady = Steady(clock)
        self.usual = usual
        self.is_shared = is_shared
        self._lag_ms = SHARED_LAG_MS if is_shared else 0
        self._in_no_group = Membership(thresholds=usual)
        self._lives: dict[AgentId, Live] = {}
        self._by_hash: dict[bytes, AgentId] = {}
        self._by_tenant: dict[str, dict[AgentId, Live]] = {}
        self._groups: dict[str, tuple[AgentGroup, ...]] = {}
        self._listening_since_ms = self.steady.now_ms()
        self._looks: list[tuple[int, AgentId]] = []
        self._touched: dict[AgentId, Live] = {}
        #: grows whenever agents come or are renamed, so that orders made of them can be kept
        self.version = 0
        #: grows whenever an agent comes, or its state, labels, groups, reasons or configuration change
        self.news_total = 0
        #: grows with each heartbeat, whoever heard it
        self.beats_total = 0

    # -- who there is ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Return how many agents there are."""
        return len(self._lives)

    def find(self, agent_id: AgentId) -> Live | None:
        """Return an agent, None if there is none."""
        return self._lives.get(agent_id)

    def by_credential(self, credential_hash: bytes) -> Live | None:
        """Return whose current or next credential this is, None if it is not known here."""
        agent_id = self._by_hash.get(credential_hash)
        return None if agent_id is None else self._lives[agent_id]

    def all(self) -> Sequence[Live]:
        """Return the agents of all tenants."""
        return tuple(self._lives.values())

    def of_tenant(self, tenant: str) -> Sequence[Live]:
        """Return the agents of a tenant, in no order."""
        return tuple(self._by_tenant.get(tenant, {}).values())

    def groups_of(self, tenant: str) -> tuple[AgentGroup, ...]:
        """Return the groups of a tenant."""
        return self._groups.get(tenant, ())

    # -- what the database says ------------------------------------------------------------------------

    def take_groups(self, groups: Iterable[AgentGroup]) -> None:
        """Work by these groups of all tenants; agents whose tenant's groups changed are sorted anew."""
        sorted_out: dict[str, list[AgentGroup]] = {}
        for group in groups:
            sorted_out.setdefault(group.tenant, []).append(group)
        for tenant in self._groups.keys() | sorted_out.keys():
            mine = tuple(sorted(sorted_out.get(tenant, ()), key=lambda group: group.name))
            if mine != self._groups.get(tenant, ()):
                self._groups[tenant] = mine
                self.news_total += 1
                for live in self._by_tenant.get(tenant, {}).values():
                    self._join_groups(live)

    def take_row(self, row: AgentRow) -> Live:
        """Take what is stored of an agent, as far as it is newer than what is known here."""
        live = self._lives.get(row.agent.agent_id)
        if live is None:
            live = self._enter(row)
            live.track = self._remembered(row.status)
        elif row.agent.revision >= live.agent.revision:
            self.take_agent(row.agent, row.credentials)
        if row.status is not None:
            self._take_status(live, row.status)
        self._judge(live)
        return live

    def take_agent(self, agent: Agent, credentials: Credentials | None = None) -> Live:
        """Take a changed agent."""
        live = self._lives[agent.agent_id]
        if agent.hostname != live.agent.hostname:
            self.version += 1
        if agent != live.agent:
            self._note(live)
        live.agent = agent
        if credentials is not None and credentials != live.credentials:
            self._forget_credentials(live)
            live.credentials = credentials
            self._know_credentials(live)
        self._join_groups(live)
        return live

    def _enter(self, row: AgentRow) -> Live:
        """Enter an agent; it is not judged yet."""
        agent = row.agent
        registered_ms = self.steady.moment_ms(agent.registered_at_ms)
        live = Live(
            agent=agent,
            credentials=row.credentials,
            membership=self._membership(agent),
            registered_ms=registered_ms,
            state_since_ms=registered_ms,
        )
        self._lives[agent.agent_id] = live
        self._by_tenant.setdefault(agent.tenant, {})[agent.agent_id] = live
        self._know_credentials(live)
        self.version += 1
        self._note(live)
        return live

    def take_statuses(self, statuses: Iterable[Status]) -> None:
        """Take what is stored of how agents are; those that are not known here are left out."""
        for status in statuses:
            live = self._lives.get(status.agent_id)
            if live is not None:
                self._take_status(live, status)
                self._judge(live)

    def _take_status(self, live: Live, status: Status) -> None:
        """Take what is stored: its state counts, because it was told; of two heartbeats the later one does."""
        live.stored = status
        if live.verdict != Verdict(status.state, status.cause):
            live.verdict = Verdict(status.state, status.cause)
            live.state_since_ms = self.steady.moment_ms(status.state_since_ms)
        heard_ms = None if status.contact_at_ms is None else self.steady.moment_ms(status.contact_at_ms)
        if heard_ms is None:
            return
        if not _is_newer(live, status.beat, heard_ms):
            _mind_unwell(live, status.beat)
            return
        if status.beat is not None:
            _note_health(live, status.beat, heard_ms)
            live.beat = status.beat
            self._count(live, status.beat)
        live.contact_ms = heard_ms
        live.heartbeats = max(live.heartbeats, status.heartbeats)
        live.skew_ms = status.skew_ms
        live.told_wait_s = status.told_wait_s
        self.beats_total += 1
        self._note(live)

    def _remembered(self, status: Status | None) -> Track:
        if status is None:
            return Track()
        since_ms, heard_ms = status.state_since_ms, status.contact_at_ms
        return remembered(
            condition_of(status.state, None if status.beat is None else status.beat.health),
            since_ms=self.steady.moment_ms(since_ms),
            heard_ms=None if heard_ms is None else self.steady.moment_ms(heard_ms),
        )

    def _join_groups(self, live: Live) -> None:
        before = live.membership
        live.membership = self._membership(live.agent)
        if before is not live.membership and before != live.membership:
            self._note(live)
        self._judge(live)

    def _membership(self, agent: Agent) -> Membership:
        groups = self._groups.get(agent.tenant, ())
        if not groups:
            return self._in_no_group
        return membership(agent.all_labels, groups, pinned=agent.group_id, usual=self.usual)

    def _know_credentials(self, live: Live) -> None:
        for one in (live.credentials.current, live.credentials.next):
            if one is not None:
                self._by_hash[one] = live.agent.agent_id

    def _forget_credentials(self, live: Live) -> None:
        for one in (live.credentials.current, live.credentials.next):
            if one is not None:
                self._by_hash.pop(one, None)

    # -- what agents say -------------------------------------------------------------------------------

    def hear(self, live: Live, beat: Beat) -> None:
        """Take a heartbeat. One that is not newer than the last of the same process changes nothing."""
        last, now_ms = live.beat, self.steady.now_ms()
        if last is not None and last.started_at_ms == beat.started_at_ms and beat.seq <= last.seq:
            return
        _note_health(live, beat, now_ms)
        live.contact_ms = now_ms
        if last is None or _essence(last) != _essence(beat):
            self._note(live)
        self.beats_total += 1
        live.beat = beat
        self._count(live, beat)
        live.heartbeats += 1
        live.skew = live.skew.with_sample(beat.sent_at_ms, self.steady.wall_ms(now_ms))
        agent = live.agent
        if (beat.hostname, beat.version, beat.labels) != (agent.hostname, agent.version, agent.labels):
            live.news = True
        self._judge(live)
        self._touched[live.agent.agent_id] = live

    def _count(self, live: Live, beat: Beat) -> None:
        done, failed = beat.metrics.get("done_total"), beat.metrics.get("failed_total")
        if done is not None and failed is not None:
            live.track.count(int(done), int(failed), at_ms=self.steady.now_ms())

    def contacted(self, live: Live) -> None:
        """Take note of a call that is no heartbeat."""
        live.contact_ms = self.steady.now_ms()
        self._judge(live)
        self._touched[live.agent.agent_id] = live

    # -- time ------------------------------------------------------------------------------------------

    def listen_anew(self) -> None:
        """Give every agent a whole term from now on: nobody could be heard just before."""
        self._listening_since_ms = self.steady.now_ms()

    def look(self) -> None:
        """Judge the agents whose state time alone may have changed."""
        now_ms = self.steady.now_ms()
        while self._looks and self._looks[0][0] <= now_ms:
            at_ms, agent_id = heapq.heappop(self._looks)
            live = self._lives.get(agent_id)
            if live is not None and live.look_ms == at_ms:
                live.look_ms = None
                self._judge(live)

    def touched(self) -> Iterator[Live]:
        """Return what changed since the last call, and forget that it did."""
        touched, self._touched = self._touched, {}
        return iter(touched.values())

    def touch(self, live: Live) -> None:
        """Have an agent looked at again by whoever asks for `touched`."""
        self._touched[live.agent.agent_id] = live

    def _note(self, live: Live) -> None:
        self.news_total += 1
        live.news_no = self.news_total

    def _judge(self, live: Live) -> None:
        moment = Moment(self.steady.now_ms() - self._lag_ms, self._listening_since_ms)
        seen, thresholds = live.seen(), live.membership.thresholds
        verdict = judge(seen, thresholds, moment)
        if verdict != live.verdict:
            if verdict.state is not live.verdict.state:
                live.state_since_ms = self.steady.now_ms()
                seen = replace(seen, state=verdict.state)
            live.verdict = verdict
            self._touched[live.agent.agent_id] = live
            self._note(live)
        live.track.note(live.condition(), at_ms=self.steady.now_ms())
        next_ms = look_again_ms(seen, thresholds, moment)
        if next_ms is None:
            live.look_ms = None
            return
        next_ms += self._lag_ms
        # a look that comes too early looks again; only one that would come too late must be added
        if live.look_ms is None or next_ms < live.look_ms:
            live.look_ms = next_ms
            heapq.heappush(self._looks, (next_ms, live.agent.agent_id))


def _essence(beat: Beat) -> tuple[object, ...]:
    """Return what people are told of at once when it changes; numbers and times are not among it."""
    running = (beat.config_hash, beat.config_version, beat.config_local, tuple(beat.knows))
    return (beat.health, beat.codes(), beat.breakers, running, beat.version, beat.started_at_ms)


def _note_health(live: Live, beat: Beat, at_ms: int) -> None:
    """Take note since when an agent is well, before `beat` takes the place of its last heartbeat."""
    was_well = live.beat is not None and live.beat.health is AgentHealth.OK
    if beat.health is not AgentHealth.OK:
        live.well_since_ms = None
    elif live.well_since_ms is None and not was_well:
        live.well_since_ms = at_ms


def _is_newer(live: Live, beat: Beat | None, heard_ms: int) -> bool:
    """Tell whether a heartbeat that another process heard came after the last one that is known here."""
    own = live.beat
    if live.contact_ms is None:
        return True
    if own is not None and beat is not None and own.started_at_ms == beat.started_at_ms != 0:
        return beat.seq > own.seq  # no matter how the clocks of two hosts differ
    return heard_ms > live.contact_ms + SAME_MS


def _mind_unwell(live: Live, before: Beat | None) -> None:
    """Count anew how long an agent is well: it was not in a heartbeat that another process had before our last one."""
    if before is not None and before.health is not AgentHealth.OK and live.well_since_ms is not None:
        live.well_since_ms = max(live.well_since_ms, live.contact_ms or 0)
