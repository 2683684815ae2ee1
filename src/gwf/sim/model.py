"""What a simulation is asked for, and what came of it."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from gwf.core.errors import InputError
from gwf.sim.ledger import ConfigLedger
from gwf.sim.poison import Poison

MAX_AGENTS = 50_000
MAX_EVENTS_PER_S = 100_000
MAX_CONFIRM_S = 600.0
LABEL = "simulated"  #: every simulated agent has it, so that people and selectors tell them from real ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A simulation to run."""

    #: of the centre; loopback only: this is a load, not a client
    url: str
    token: str = field(repr=False)
    agents: int
    #: file events a second from all agents together; 0 = none
    events_per_s: float = 0.0
    seconds: float
    #: makes the same agents again: their instance ids follow from it
    seed: int = 1
    #: beginning of their hostnames
    prefix: str = "sim"
    #: take configurations of the centre
    takes_config: bool = True
    #: how long a configuration must run well before it counts as applied
    confirm_s: float = 10.0
    #: configurations that do harm
    poisons: tuple[Poison, ...] = ()
    #: each holds a stream open on which it is told that something is new, as real agents do
    listens: bool = False

    def with_token(self, token: str) -> Plan:
        """Return the plan with the enrolment token that its agents use."""
        return replace(self, token=token)

    def __post_init__(self) -> None:
        """Keep it bounded and on this host.

        Raises:
            InputError: A part is out of its range.
        """
        _bounded("agents", self.agents, least=1, most=MAX_AGENTS)
        _bounded("events", self.events_per_s, least=0, most=MAX_EVENTS_PER_S)
        _bounded("seconds", self.seconds, least=1, most=86_400)
        _bounded("confirm", self.confirm_s, least=0, most=MAX_CONFIRM_S)
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
            raise InputError("a simulation speaks to http://127.0.0.1:PORT only", field="url", url=self.url)


@dataclass(slots=True)
class Latencies:
    """How long calls took, in milliseconds."""

    samples: list[float] = field(default_factory=list[float])

    def quantile(self, share: float) -> float:
        """Return the value that `share` of the calls did not exceed; 0 without calls."""
        if not self.samples:
            return 0.0
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def as_json(self) -> dict[str, float]:
        """Return the usual quantiles."""
        shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
        return {name: round(self.quantile(share), 2) for name, share in shares.items()}


@dataclass(slots=True)
class Outcome:
    """What came of a simulation."""

    registered: int = 0
    register_s: float = 0.0
    heartbeats: int = 0
    heartbeat_latency: Latencies = field(default_factory=Latencies)
    #: when each of them began, in seconds since the epoch
    heartbeats_at_s: list[float] = field(default_factory=list[float])
    #: how late the event loop of the simulation itself came: that much of a latency is not the centre's
    lateness: Latencies = field(default_factory=Latencies)
    #: calls without a good answer, by what they were and how they failed, for example heartbeat:refused
    failures: Counter[str] = field(default_factory=Counter[str])
    #: how often a state was told
    states: Counter[str] = field(default_factory=Counter[str])
    events_sent: int = 0
    events_acked: int = 0
    batch_latency: Latencies = field(default_factory=Latencies)
    configs: ConfigLedger = field(default_factory=ConfigLedger)
    #: from when all were registered to the end; what is counted beside `registered` was counted then
    run_s: float = 0.0

    def begin(self) -> None:
        """Count heartbeats from now on: all agents are registered."""
        self.heartbeats = 0
        self.heartbeat_latency = Latencies()
        self.heartbeats_at_s = []
        self.lateness = Latencies()
        self.states.clear()
        self.failures.clear()

    def answered(self, *, at_s: float, took_ms: float) -> None:
        """Count a heartbeat that began at a moment and was answered so much later."""
        self.heartbeats += 1
        self.heartbeat_latency.samples.append(took_ms)
        self.heartbeats_at_s.append(at_s)

    def samples(self) -> str:
        """Return a line for each answered heartbeat: when it began, in seconds since the epoch, and how long it took.

        Both are numbers, the second one in milliseconds.
        """
        taken = zip(self.heartbeats_at_s, self.heartbeat_latency.samples, strict=True)
        return "".join(f"{at_s:.3f} {took_ms:.2f}\n" for at_s, took_ms in taken)

    def as_json(self) -> dict[str, object]:
        """Return it for --json."""
        return {
            "registered": self.registered,
            "register_s": round(self.register_s, 2),
            "heartbeats": self.heartbeats,
            "heartbeats_per_s": round(self.heartbeats / self.run_s, 1) if self.run_s else 0.0,
            "heartbeat": self.heartbeat_latency.as_json(),
            "lateness": self.lateness.as_json(),
            "states": dict(self.states),
            "events_sent": self.events_sent,
            "events_acked": self.events_acked,
            "batch": self.batch_latency.as_json(),
            "configs": self.configs.as_json(),
            "failures": dict(self.failures),
            "run_s": round(self.run_s, 1),
        }


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bounded(name: str, value: float, *, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InputError("out of range", field=name, value=value, least=least, most=most)
