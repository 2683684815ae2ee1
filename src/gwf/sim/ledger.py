"""Counts, on the side of the agents, what configurations did: who ran one, for how long, how often it was offered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from gwf.core.clock import utc_text
from gwf.wire.agents import AttemptPhase


@dataclass(slots=True)
class ConfigTally:
    """One configuration over all agents."""

    #: by agent: the attempts in which it was offered
    offers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    #: had it in force at some time, proved or not
    ran: set[str] = field(default_factory=set[str])
    #: have it in force now
    running: set[str] = field(default_factory=set[str])
    #: most at one moment
    most: int = 0
    #: how attempts ended
    phases: Counter[AttemptPhase] = field(default_factory=Counter[AttemptPhase])
    #: when an agent first put it into force, and when one last ceased to have it; None = never
    first_ms: int | None = None
    left_ms: int | None = None

    def as_json(self) -> dict[str, object]:
        """Return it for --json; `again` counts agents that it was offered to more than once."""
        return {
            "offered": len(self.offers),
            "again": sum(len(attempts) > 1 for attempts in self.offers.values()),
            "ran": len(self.ran),
            "most_at_once": self.most,
            "running": len(self.running),
            "phases": dict(self.phases),
            "first_at": None if self.first_ms is None else utc_text(self.first_ms),
            "last_left_at": None if self.left_ms is None else utc_text(self.left_ms),
        }


class ConfigLedger:
    """All configurations by hash. Used in one event loop."""

    def __init__(self) -> None:
        """Begin empty."""
        self.tallies: defaultdict[str, ConfigTally] = defaultdict(ConfigTally)

    def offered(self, hash_: str, agent: str, attempt_id: str) -> None:
        """Note that the centre offers a configuration to an agent."""
        self.tallies[hash_].offers[agent].add(attempt_id)

    def entered(self, hash_: str, agent: str, *, at_ms: int) -> None:
        """Note that an agent works by a configuration from now on."""
        tally = self.tallies[hash_]
        tally.ran.add(agent)
        tally.running.add(agent)
        tally.most = max(tally.most, len(tally.running))
        tally.first_ms = at_ms if tally.first_ms is None else tally.first_ms

    def left(self, hash_: str, agent: str, *, at_ms: int) -> None:
        """Note that an agent works by it no more."""
        tally = self.tallies[hash_]
        if agent in tally.running:
            tally.running.discard(agent)
            tally.left_ms = at_ms

    def ended(self, hash_: str, phase: AttemptPhase) -> None:
        """Note how an attempt ended."""
        self.tallies[hash_].phases[phase] += 1

    def as_json(self) -> dict[str, object]:
        """Return all for --json, by hash."""
        return {hash_: tally.as_json() for hash_, tally in self.tallies.items()}
