"""All agents in memory: who has which credential, when each was heard of, and whose state is due to be looked at."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gwf.control.fleet.alarms import Shown, shown_of, without_repeats
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
    #: what the database holds of how it is; None = nothing
    stored: Status | None = None
    #: what was told of it by events
    shown: Shown | None = None
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

    def best_skew_ms(self) -> int | None:
        """Return how far its clock is ahead of ours; None = not known."""
        own = self.skew.value_ms
        return self.skew_ms if own is None else own


class Steady:
    """Milliseconds that begin as the wall clock's and then never jump; and the way between the two."""

    def __init__(self, clock: Clock) -> None:
        """Begin at the wall clock's time."""
        self._clock = clock
        self._begin_ms = clock.now_ms()
        self._begin_s = clock.monotonic_s()

    def now_ms(self) -> int:
        """Return the moment."""
        return self._begin_ms + round(1000 * (self._clock.monotonic_s() - self._begin_s))

    def ahead_ms(self) -> int:
        """Return how far the wall clock has been moved ahead since the beginning."""
        return self._clock.now_ms() - self.now_ms()

    def wall_ms(self, moment_ms: int) -> int:
        """Return a moment in the wall clock's time."""
        return moment_ms + self.ahead_ms()

    def moment_ms(self, wall_ms: int) -> int:
        """Return a time of the wall clock as a moment; what lies ahead counts as now."""
        return min(wall_ms - self.ahead_ms(), self.now_ms())


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
        agent = row.agent
        live = Live(
            agent=agent,
            credentials=row.credentials,
            membership=Membership(),
            registered_ms=self.steady.moment_ms(agent.registered_at_ms),
            state_since_ms=self.steady.moment_ms(agent.registered_at_ms),
        )
        self._lives[agent.agent_id] = live
        self._by_tenant.setdefault(agent.tenant, {})[agent.agent_id] = live
        self._know_credentials(live)
        self._join_groups(live)
        self.version += 1
        self._note(live)
        return live

    def _take_status(self, live: Live, status: Status) -> None:
        heard_ms = None if status.contact_at_ms is None else self.steady.moment_ms(status.contact_at_ms)
        live.stored = status
        if live.shown is not None and (heard_ms is None or heard_ms <= (live.contact_ms or 0) + SAME_MS):
            # we know as much, or more; whoever wrote this has told of it
            live.shown = without_repeats(live.shown, live.as_shown(), shown_of(status.state, status.cause, status.beat))
            return
        live.contact_ms = heard_ms if heard_ms is not None else live.contact_ms
        live.verdict = Verdict(status.state, status.cause)
        live.state_since_ms = self.steady.moment_ms(status.state_since_ms)
        live.heartbeats = max(live.heartbeats, status.heartbeats)
        live.skew_ms = status.skew_ms
        if status.beat is not None:
            live.beat = status.beat
            self._count(live, status.beat)
        live.shown = live.as_shown()
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
        agent = live.agent
        groups = self._groups.get(agent.tenant, ())
        before = live.membership
        live.membership = membership(agent.all_labels, groups, pinned=agent.group_id, usual=self.usual)
        if before != live.membership:
            self._note(live)
        self._judge(live)

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
        was_well = last is not None and last.health is AgentHealth.OK
        if beat.health is not AgentHealth.OK:
            live.well_since_ms = None
        elif live.well_since_ms is None and not was_well:
            live.well_since_ms = now_ms
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
    running = (beat.config_hash, beat.config_version, beat.config_local)
    return (beat.health, beat.codes(), beat.breakers, running, beat.version, beat.started_at_ms)
