"""Decides from facts what is wrong first in a part of the fleet, and which change is likely behind it. Pure."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gwf.control.fleet.track import Condition
from gwf.control.overview.causes import HELD
from gwf.control.overview.firing import NOTHING, Firing, by_rule, is_told
from gwf.events.model import Severity

#: limits beyond which something is wrong
MIN_SUCCESS = 0.99  #: of attempts in the last half hour
BAD_SUCCESS = 0.95
MIN_ATTEMPTS = 20  #: fewer tell nothing about a ratio
MAX_WAIT_S = 300.0
BAD_WAIT_S = 1_800.0
MANY_OFFLINE = 0.05  #: of the agents in scope; fewer are a warning
#: how long before the onset a change may lie to be behind it
BEFORE_MS = 2 * 3_600_000
#: how far clocks of hosts that keep time may differ: a change noted later than so after the first failure cannot be
#: behind it
SKEW_MS = 2_000
MAX_SUSPECTS = 3
MAX_NAMED = 5  #: agents that a finding names


class Level(enum.IntEnum):
    """How bad a finding is."""

    OK = 0
    WARN = 1
    CRIT = 2


class FindingCode(enum.StrEnum):
    """What can be wrong; of two equally bad ones the earlier comes first."""

    #: it gets no files from these agents; `classes` says why
    STORE_UNREACHABLE = "store_unreachable"
    AGENTS_FAILING = "agents_failing"
    AGENTS_OFFLINE = "agents_offline"
    DISK_LOW = "disk_low"
    FAILURES = "failures"
    QUEUE_WAIT = "queue_wait"
    ROLLOUT_HALTED = "rollout_halted"
    #: alerts of one rule that nobody has taken, unless another finding says the same
    ALERTS_FIRING = "alerts_firing"
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
    #: by store why it gets nothing, see `gwf.control.overview.causes`
    store_causes: Mapping[str, str] = field(default_factory=dict[str, str])
    #: it refused what it should run
    config_held: bool = False
    dead: int = 0
    #: attempts of the last half hour
    done: int = 0
    failed: int = 0
    #: of these, those of the last minutes
    done_now: int = 0
    failed_now: int = 0
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
    #: alerts of the scope
    firing: Firing = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    code: FindingCode
    level: Level
    #: how much: agents, files, alerts, seconds or a share, see `unit`
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
    #: failures by class: agents for a store, attempts for `failures`; "" = not known
    classes: Mapping[str, int] = field(default_factory=dict[str, int])
    #: rules whose alerts tell it
    alert_rules: tuple[str, ...] = ()


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
    #: before the onset; below 0 = noted later by clocks that differ
    before_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong, the worst first."""

    level: Level
    findings: tuple[Finding, ...]
    #: of the worst finding, the likeliest first; looked for by whoever knows the changes
    suspects: tuple[Suspect, ...] = ()


def judge(facts: Facts) -> Verdict:
    """Return what is wrong; the same facts give the same verdict."""
    total = sum(one.condition is not Condition.REVOKED for one in facts.agents)
    found = [_with_alerts(one, facts.firing) for one in _findings(facts)]
    found += _of_alerts(facts, {pair for one in found for pair in _tells(one)})
    findings = sorted(found, key=lambda one: (-_weight(one, total), _ORDER[one.code], sorted(one.about.items())))
    return Verdict(level=max((one.level for one in findings), default=Level.OK), findings=tuple(findings))


def dated(finding: Finding, *, first_ms: int | None, classes: Mapping[str, int]) -> Finding:
    """Return a finding as files tell it: since the first of them that failed, and of which classes failures are.

    The state of an agent says less: it changes a heartbeat or more after the first failure, and for other reasons too.
    """
    return replace(finding, since_ms=finding.since_ms if first_ms is None else first_ms, classes=classes)


def suspects_of(finding: Finding, changes: Iterable[ChangeFact]) -> tuple[Suspect, ...]:
    """Return changes that may be behind a finding, the likeliest first: they reached its agents, and came before it."""
    if finding.since_ms is None or (finding.code is FindingCode.ALERTS_FIRING and not finding.agents):
        return ()  # what is about no agent may be about anything
    mine = frozenset(finding.agents)
    found: list[Suspect] = []
    for change in changes:
        before_ms = finding.since_ms - change.at_ms
        if not -SKEW_MS <= before_ms <= BEFORE_MS:
            continue
        overlap = _overlap(mine, change.agents)
        if overlap:
            nearness = 1 - max(0, before_ms) / BEFORE_MS
            score = round(0.6 * overlap + 0.4 * nearness, 3)
            found.append(Suspect(id=change.id, score=score, before_ms=before_ms))
    return tuple(sorted(found, key=lambda one: (-one.score, one.before_ms, one.id)))


def _overlap(mine: frozenset[str], reached: frozenset[str] | None) -> float:
    if reached is None or not mine:
        return 0.5
    return len(mine & reached) / len(mine)


def concerned(fact: AgentFact) -> frozenset[FindingCode]:
    """Return the findings that one agent would be among; those about rollouts and alerts are none of single agents."""
    if fact.condition is Condition.REVOKED:
        return frozenset()
    return frozenset(code for code, concerns in _CONCERNS.items() if concerns(fact))


def _with(code: FindingCode, agents: Iterable[AgentFact]) -> list[AgentFact]:
    concerns = _CONCERNS[code]
    return [one for one in agents if concerns(one)]


_HIGH = frozenset({"high_water_files", "high_water_oldest"})
_REFUSED = frozenset({"config_refused", "config_half_done"})
_TOLD = _HIGH | _REFUSED | {"disk_low"}  #: reasons that are findings of their own
_CONCERNS: Mapping[FindingCode, Callable[[AgentFact], bool]] = {
    FindingCode.STORE_UNREACHABLE: lambda one: bool(one.open_breakers),
    FindingCode.AGENTS_FAILING: lambda one: one.condition is Condition.FAILING,
    FindingCode.AGENTS_OFFLINE: lambda one: one.condition is Condition.OFFLINE,
    FindingCode.DISK_LOW: lambda one: "disk_low" in one.reasons,
    FindingCode.FAILURES: lambda one: one.failed > 0,
    FindingCode.QUEUE_WAIT: lambda one: one.oldest_wait_s > MAX_WAIT_S,
    FindingCode.CONFIG_FAILED: lambda one: one.config_held or bool(one.reasons & _REFUSED),
    FindingCode.HIGH_WATER: lambda one: bool(one.reasons & _HIGH),
    FindingCode.DEAD_LETTERS: lambda one: one.dead > 0,
    FindingCode.AGENTS_DEGRADED: lambda one: (
        one.condition is Condition.DEGRADED and not one.open_breakers and not one.reasons & _TOLD
    ),
}


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
    if dead := _with(FindingCode.DEAD_LETTERS, agents):
        measure = Measure(value=float(sum(one.dead for one in dead)), unit="files")
        yield _finding(FindingCode.DEAD_LETTERS, Level.WARN, dead, measure=measure)


def _of_breakers(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    for store in sorted({store for one in agents for store in one.open_breakers}):
        mine = [one for one in agents if store in one.open_breakers]
        classes = Counter(one.store_causes.get(store, "") for one in mine)
        level = Level.WARN if set(classes) == {HELD} else Level.CRIT  # somebody wants it so
        found = _finding(FindingCode.STORE_UNREACHABLE, level, mine, about={"store": store})
        yield replace(found, classes=dict(sorted(classes.items())))


def _of_conditions(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    if failing := _with(FindingCode.AGENTS_FAILING, agents):
        yield _finding(FindingCode.AGENTS_FAILING, Level.CRIT, failing)
    if offline := _with(FindingCode.AGENTS_OFFLINE, agents):
        level = Level.CRIT if len(offline) >= MANY_OFFLINE * len(agents) else Level.WARN
        yield _finding(FindingCode.AGENTS_OFFLINE, level, offline)
    if degraded := _with(FindingCode.AGENTS_DEGRADED, agents):
        yield _finding(FindingCode.AGENTS_DEGRADED, Level.WARN, degraded)


def _of_reasons(agents: Sequence[AgentFact]) -> Iterator[Finding]:
    if low := _with(FindingCode.DISK_LOW, agents):
        yield _finding(FindingCode.DISK_LOW, Level.CRIT, low)
    if high := _with(FindingCode.HIGH_WATER, agents):
        yield _finding(FindingCode.HIGH_WATER, Level.WARN, high)


def _of_work(agents: Sequence[AgentFact], now_ms: int) -> Iterator[Finding]:
    failed, failed_now = sum(one.failed for one in agents), sum(one.failed_now for one in agents)
    ended, ended_now = failed + sum(one.done for one in agents), failed_now + sum(one.done_now for one in agents)
    goes_on = ended_now > 0 and 1 - failed_now / ended_now < MIN_SUCCESS  # else it is over, and only remembered
    if ended >= MIN_ATTEMPTS and goes_on and 1 - failed / ended < MIN_SUCCESS:
        share = 1 - failed / ended
        level = Level.CRIT if share < BAD_SUCCESS else Level.WARN
        mine = _with(FindingCode.FAILURES, agents)
        yield _finding(FindingCode.FAILURES, level, mine, measure=Measure(share, MIN_SUCCESS, "share"))
    if late := _with(FindingCode.QUEUE_WAIT, agents):
        longest = max(one.oldest_wait_s for one in late)
        level = Level.CRIT if longest > BAD_WAIT_S else Level.WARN
        measure = Measure(longest, MAX_WAIT_S, "s", since_ms=now_ms - round(longest * 1000))
        yield _finding(FindingCode.QUEUE_WAIT, level, late, measure=measure)


def _of_configs(agents: Sequence[AgentFact], rollouts: Sequence[RolloutFact]) -> Iterator[Finding]:
    if held := _with(FindingCode.CONFIG_FAILED, agents):
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


def _tells(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield what a finding is about: its code with each agent, or with the rollout."""
    about = (finding.about["rollout"],) if "rollout" in finding.about else finding.agents
    return ((finding.code.value, one) for one in about)


def _with_alerts(finding: Finding, firing: Firing) -> Finding:
    """Return a finding with the rules whose alerts say the same."""
    told = set(_tells(finding))
    rules = {one.rule_id for one in firing.alerts if is_told(one, told)}
    return replace(finding, alert_rules=tuple(sorted(rules)))


def _of_alerts(facts: Facts, told: set[tuple[str, str]]) -> Iterator[Finding]:
    names = {one.agent_id: one for one in facts.agents}
    for rule in by_rule(facts.firing, told):
        worst, agents = rule.worst, sorted(rule.agents & names.keys())
        yield Finding(
            code=FindingCode.ALERTS_FIRING,
            level=Level.CRIT if worst.severity >= Severity.ERROR else Level.WARN,
            value=float(rule.count),
            limit=0.0,
            unit="alerts",
            since_ms=rule.since_ms,
            agents=tuple(agents),
            named=_names(names[agent] for agent in agents),
            about={"rule": worst.rule_name, "title": worst.title, "severity": worst.severity.word},
            alert_rules=(worst.rule_id,),
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
