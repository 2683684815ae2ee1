"""Decides from facts what is wrong first in a part of the fleet, and which change is likely behind it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.fleet.track import Condition

#: limits beyond which something is wrong
MIN_SUCCESS = 0.99  #: of attempts in the last half hour
BAD_SUCCESS = 0.95
MIN_ATTEMPTS = 20  #: fewer tell nothing about a ratio
MAX_WAIT_S = 300.0
BAD_WAIT_S = 1_800.0
MANY_OFFLINE = 0.05  #: of the agents in scope; fewer are a warning
#: how long before the onset a change may lie to be behind it, and how late clocks may have noted it
BEFORE_MS = 2 * 3_600_000
AFTER_MS = 60_000
MAX_NAMED = 5  #: agents that a finding names


class Level(enum.IntEnum):
    """How bad a finding is."""

    OK = 0
    WARN = 1
    CRIT = 2


class FindingCode(enum.StrEnum):
    """What can be wrong; of two equally bad ones the earlier comes first."""

    STORE_UNREACHABLE = "store_unreachable"
    AGENTS_FAILING = "agents_failing"
    AGENTS_OFFLINE = "agents_offline"
    DISK_LOW = "disk_low"
    FAILURES = "failures"
    QUEUE_WAIT = "queue_wait"
    ROLLOUT_HALTED = "rollout_halted"
    CONFIG_FAILED = "config_failed"
    HIGH_WATER = "high_water"
    DEAD_LETTERS = "dead_letters"
    AGENTS_DEGRADED = "agents_degraded"


_ORDER = {code: at for at, code in enumerate(FindingCode)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFact:
    """One agent of the scope, as a verdict looks at it. Times are the wall clock's."""

    agent_id: str
    hostname: str
    condition: Condition
    #: its state is what it is since then
    since_ms: int
    #: of its own health
    reasons: frozenset[str] = frozenset()
    open_breakers: frozenset[str] = frozenset()
    #: it refused what it should run
    config_held: bool = False
    dead: int = 0
    #: attempts of the last half hour
    done: int = 0
    failed: int = 0
    oldest_wait_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutFact:
    """A rollout that a gate stopped or took back."""

    rollout_id: str
    #: paused, reverting or reverted
    status: str
    #: code of the gate
    cause: str
    since_ms: int
    agents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFact:
    """A change that may be behind a finding."""

    id: str
    at_ms: int
    #: agents that it reached; None = all of the scope
    agents: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a verdict is made of."""

    now_ms: int
    agents: Sequence[AgentFact]
    rollouts: Sequence[RolloutFact] = ()
    changes: Sequence[ChangeFact] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    code: FindingCode
    level: Level
    #: how much: agents, files, seconds or a share, see `unit`
    value: float
    #: what it may be at most, or at least for a share of success
    limit: float
    unit: str
    #: None = not known
    since_ms: int | None
    #: ids of all that it concerns
    agents: tuple[str, ...] = ()
    #: hostnames of the first few
    named: tuple[str, ...] = ()
    #: more values: store, rollout, cause
    about: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Measure:
    """How much something is, against how much it may be."""

    value: float
    limit: float = 0.0
    unit: str = "agents"
    since_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A change that is likely behind a finding."""

    id: str
    #: 0 … 1
    score: float
    #: before the onset; below 0 = noted a little later
    before_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong, the worst first."""

    level: Level
    findings: tuple[Finding, ...]
    #: of the worst finding, the likeliest first
    suspects: tuple[Suspect, ...]


def judge(facts: Facts) -> Verdict:
    """Return what is wrong; the same facts give the same verdict."""
    total = sum(one.condition is not Condition.REVOKED for one in facts.agents)
    findings = sorted(
        _findings(facts), key=lambda one: (-_weight(one, total), _ORDER[one.code], sorted(one.about.items()))
    )
    if not findings:
        return Verdict(level=Level.OK, findings=(), suspects=())
    return Verdict(
        level=max(one.level for one in findings),
        findings=tuple(findings),
        suspects=suspects_of(findings[0], facts.changes),
    )


def suspects_of(finding: Finding, changes: Iterable[ChangeFact]) -> tuple[Suspect, ...]:
    """Return changes that may be behind a finding: they reached its agents, and came shortly before its onset."""
    if finding.since_ms is None:
        return ()
    mine = frozenset(finding.agents)
    found: list[Suspect] = []
    for change in changes:
        before_ms = finding.since_ms - change.at_ms
        if not -AFTER_MS <= before_ms <= BEFORE_MS:
            continue
        overlap = _overlap(mine, change.agents)
        if overlap:
            nearness = 1 - max(0, before_ms) / BEFORE_MS
            score = round(0.6 * overlap + 0.4 * nearness, 3)
            found.append(Suspect(id=change.id, score=score, before_ms=before_ms))
    return tuple(sorted(found, key=lambda one: (-one.score, one.before_ms, one.id))[:3])


def _overlap(mine: frozenset[str], reached: frozenset[str] | None) -> float:
    if reached is None or not mine:
        return 0.5
    return len(mine & reached) / len(mine)


def _weight(finding: Finding, total: int) -> float:
    share = len(finding.agents) / total if total else 0.0
    return (100.0 if finding.level is Level.CRIT else 10.0) * (0.2 + share)


def _findings(facts: Facts) -> Iterator[Finding]:
    agents = [one for one in facts.agents if one.condition is not Condition.REVOKED]
    yield from _of_breakers(agents)
    yield from _of_conditions(agents)
    yield from _of_reasons(agents)
    yield from _of_work(agents, facts.now_ms)
    yield from _of_configs(agents, facts.rollouts)
    dead = [one for one in agents if one.dead]
    if dead:
        measure = Measure(value=float(sum(one.dead for one in dead)), unit="files")
        yield _finding(FindingCode.DEAD_LETTERS, Level.WARN, dead, measure=measure)


def _of_breakers(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    for store in sorted({store for one in agents for store in one.open_breakers}):
        mine = [one for one in agents if store in one.open_breakers]
        yield _finding(FindingCode.STORE_UNREACHABLE, Level.CRIT, mine, about={"store": store})


def _of_conditions(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    failing = [one for one in agents if one.condition is Condition.FAILING]
    if failing:
        yield _finding(FindingCode.AGENTS_FAILING, Level.CRIT, failing)
    offline = [one for one in agents if one.condition is Condition.OFFLINE]
    if offline:
        level = Level.CRIT if len(offline) >= MANY_OFFLINE * len(agents) else Level.WARN
        yield _finding(FindingCode.AGENTS_OFFLINE, level, offline)
    told = {"high_water_files", "high_water_oldest", "disk_low", "config_refused", "config_half_done"}
    degraded = [
        one
        for one in agents
        if one.condition is Condition.DEGRADED and not one.open_breakers and not one.reasons & told
    ]
    if degraded:
        yield _finding(FindingCode.AGENTS_DEGRADED, Level.WARN, degraded)


def _of_reasons(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    low = [one for one in agents if "disk_low" in one.reasons]
    if low:
        yield _finding(FindingCode.DISK_LOW, Level.CRIT, low)
    high = [one for one in agents if one.reasons & {"high_water_files", "high_water_oldest"}]
    if high:
        yield _finding(FindingCode.HIGH_WATER, Level.WARN, high)


def _of_work(agents: Sequence[AgentFact], now_ms: int) -> Iterator[Finding]:
    failed = sum(one.failed for one in agents)
    ended = failed + sum(one.done for one in agents)
    if ended >= MIN_ATTEMPTS and 1 - failed / ended < MIN_SUCCESS:
        share = 1 - failed / ended
        level = Level.CRIT if share < BAD_SUCCESS else Level.WARN
        mine = [one for one in agents if one.failed]
        yield _finding(FindingCode.FAILURES, level, mine, measure=Measure(share, MIN_SUCCESS, "share"))
    late = [one for one in agents if one.oldest_wait_s > MAX_WAIT_S]
    if late:
        longest = max(one.oldest_wait_s for one in late)
        level = Level.CRIT if longest > BAD_WAIT_S else Level.WARN
        measure = Measure(longest, MAX_WAIT_S, "s", since_ms=now_ms - round(longest * 1000))
        yield _finding(FindingCode.QUEUE_WAIT, level, late, measure=measure)


def _of_configs(agents: Sequence[AgentFact], rollouts: Sequence[RolloutFact]) -> Iterator[Finding]:
    held = [one for one in agents if one.config_held or one.reasons & {"config_refused", "config_half_done"}]
    if held:
        yield _finding(FindingCode.CONFIG_FAILED, Level.WARN, held)
    known = {one.agent_id: one for one in agents}
    for rollout in rollouts:
        mine = [known[agent] for agent in sorted(rollout.agents) if agent in known]
        about = {"rollout": rollout.rollout_id, "status": rollout.status, "cause": rollout.cause}
        yield Finding(
            code=FindingCode.ROLLOUT_HALTED,
            level=Level.WARN if rollout.status == "reverted" else Level.CRIT,
            value=float(len(mine)),
            limit=0.0,
            unit="agents",
            since_ms=rollout.since_ms,
            agents=tuple(one.agent_id for one in mine),
            named=_names(mine),
            about=about,
        )


def _finding(
    code: FindingCode,
    level: Level,
    agents: Sequence[AgentFact],
    *,
    about: Mapping[str, str] | None = None,
    measure: Measure | None = None,
) -> Finding:
    found = measure or Measure(float(len(agents)), since_ms=_onset(agents))
    return Finding(
        code=code,
        level=level,
        value=found.value,
        limit=found.limit,
        unit=found.unit,
        since_ms=found.since_ms,
        agents=tuple(sorted(one.agent_id for one in agents)),
        named=_names(agents),
        about=about or {},
    )


def _onset(agents: Sequence[AgentFact]) -> int | None:
    """Return when it began: when the median agent came into its state, so that one old case does not hide the rest."""
    times = sorted(one.since_ms for one in agents)
    return times[(len(times) - 1) // 2] if times else None


def _names(agents: Iterable[AgentFact]) -> tuple[str, ...]:
    return tuple(sorted(one.hostname for one in agents)[:MAX_NAMED])
