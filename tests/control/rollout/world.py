"""A small fleet that lives with a rollout: what agents do, what people do, and what must stay true."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gwf.control.rollout.advance import advance, begin
from gwf.control.rollout.model import (
    ENDED,
    OFFERING,
    OPEN,
    REFUSED,
    AttemptPhase,
    Facts,
    HealthLevel,
    Member,
    OfferFact,
    Plan,
    RolloutState,
    RolloutStatus,
    Step,
)
from gwf.control.rollout.waves import in_order


@dataclass
class Host:
    """One agent: what it runs and how it is."""

    name: str
    groups: frozenset[str] = frozenset()
    runs_new: bool = False
    reachable: bool = True
    health: HealthLevel = HealthLevel.OK
    ever_ran_new: bool = False

    def take(self, *, new: bool) -> None:
        self.runs_new = new
        self.ever_ran_new |= new


@dataclass
class World:
    """A rollout among hosts, with a clock that tests move."""

    plan: Plan
    hosts: dict[str, Host]
    now_ms: int = 0
    state: RolloutState = field(default_factory=lambda: begin(0))
    offers: dict[str, OfferFact] = field(default_factory=dict[str, OfferFact])
    times_offered: dict[str, int] = field(default_factory=dict[str, int])

    def facts(self) -> Facts:
        names = in_order("r1", self.hosts)
        return Facts(members=tuple(self._member(self.hosts[name]) for name in names), offers=dict(self.offers))

    def look(self) -> Step:
        step = advance(self.plan, self.state, self.facts(), now_ms=self.now_ms)
        for name in step.time_out:
            self._phase(name, AttemptPhase.TIMED_OUT)
        for name in step.applied:
            self._phase(name, AttemptPhase.APPLIED)
        for name in step.offer:
            assert name not in self.offers, "offered twice"
            health = self.hosts[name].health
            self.offers[name] = OfferFact(phase=AttemptPhase.OFFERED, offered_ms=self.now_ms, health_before=health)
        self.state = step.state
        return step

    def wants_new(self, name: str) -> bool:
        """Tell what the centre wants a host to run: exactly one configuration at any time."""
        offer = self.offers.get(name)
        if self.state.status is RolloutStatus.COMPLETED:
            return offer is None or offer.phase not in REFUSED
        return self.state.status in OFFERING and offer is not None and offer.phase in OPEN | {AttemptPhase.APPLIED}

    def obey(self, name: str) -> None:
        """Let a host that is in contact do what the centre wants, and report it."""
        host = self.hosts[name]
        if not host.reachable:
            return
        wanted = self.wants_new(name)
        if wanted and name in self.offers and self.offers[name].phase in OPEN:
            self._phase(name, AttemptPhase.APPLIED)
        host.take(new=wanted)

    def refuse(self, name: str, phase: AttemptPhase) -> None:
        """Let a host fail: it says so, and runs what it ran before."""
        host = self.hosts[name]
        if host.reachable and name in self.offers and self.offers[name].phase in OPEN:
            host.ever_ran_new |= phase is AttemptPhase.REVERTED
            host.runs_new = False
            self._phase(name, phase)

    def wait(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)

    def is_in(self, status: RolloutStatus) -> bool:
        return self.state.status is status

    @property
    def ended(self) -> bool:
        return self.state.status in ENDED

    def _phase(self, name: str, phase: AttemptPhase) -> None:
        self.offers[name] = replace(self.offers[name], phase=phase)

    def _member(self, host: Host) -> Member:
        return Member(
            agent=host.name,
            groups=host.groups,
            reachable=host.reachable,
            health=host.health if host.reachable else HealthLevel.GONE,
            runs_new=host.runs_new,
            free=True,
        )


def hosts(count: int) -> dict[str, Host]:
    """Return healthy hosts."""
    return {f"a{n}": Host(name=f"a{n}") for n in range(count)}
