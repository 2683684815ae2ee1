"""Alerts and groups of alerts as they stand, and how they are to be told."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.control.selectors import Selector
from gwf.events.model import Severity

MAX_STEPS = 60  #: kept of one alert: the first ten and the newest
FIRST_STEPS = 10
MAX_NAMED = 50  #: alerts that a notice names; of more it tells how many there are


class AlertStatus(enum.StrEnum):
    """Where an alert is in its life."""

    FIRING = "firing"
    #: a person has taken it: nobody further is told, until it gets worse
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Stage(enum.StrEnum):
    """What decides about an alert, in this order."""

    RULE = "rule"
    DEDUP = "dedup"
    GROUP = "group"
    INHIBIT = "inhibit"
    SILENCE = "silence"
    NOTIFY = "notify"
    ESCALATE = "escalate"
    PERSON = "person"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision of a stage, with the values that led to it."""

    at_ms: int
    stage: Stage
    #: what was decided, a word of the stage: opened, repeated, held, told …
    outcome: str
    values: Mapping[str, str | int | float | None] = field(default_factory=dict[str, "str | int | float | None"])


def step(at_ms: int, stage: Stage, outcome: str, **values: str | float | None) -> Step:
    """Return a step with its values by name."""
    return Step(at_ms=at_ms, stage=stage, outcome=outcome, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How alerts of a rule are grouped and told; belongs to a version of the rule."""

    #: labels by which alerts of this rule stand in one group; () = all of the rule
    group_by: tuple[str, ...] = ()
    #: how long a new group waits for more before it is told
    wait_s: float = 0.0
    #: how long at least lies between two notices of a group
    interval_s: float = 300.0
    #: after how long a group that nobody has taken is told again; None = never
    repeat_s: float | None = 14_400.0
    #: an alert that was not seen for so long is over; None = only its rule ends it
    resolve_after_s: float | None = None
    #: name of the escalation chain; "" = none, nobody is told
    chain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a rule says of an event: something is wrong, or is so no longer."""

    rule_id: str
    rule_version: int
    #: names the trouble: equal ones are one alert
    fingerprint: str
    firing: bool
    severity: Severity
    title: str
    labels: Mapping[str, str]
    at_ms: int
    #: row id of the event in decimal; "" = none
    event: str = ""
    #: how many happenings it stands for
    count: int = 1
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which some alerts are not told."""

    id: str
    selector: Selector
    begins_at_ms: int
    ends_at_ms: int

    def covers(self, labels: Mapping[str, str], at_ms: int) -> bool:
        """Tell whether an alert of these labels is silent at a moment; the end is outside."""
        return self.begins_at_ms <= at_ms < self.ends_at_ms and self.selector.matches(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While one alert fires, others that follow from it are not told."""

    id: str
    #: of the alert that keeps others back
    source: Selector
    #: of those that are kept back
    target: Selector
    #: labels that both must have with equal values
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step of an escalation chain."""

    #: since the group was first told and nobody took it
    after_s: float
    #: names of channels and schedules
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Who is told, and who next if nobody takes it; the first level has `after_s` 0."""

    name: str
    levels: tuple[Level, ...]
    #: it is outside of its hours, and nobody is to be told then
    rests: bool = False


@dataclass(slots=True, kw_only=True)
class Alert:
    """One trouble from its beginning to its end."""

    id: str
    #: of the tenant's alerts, from 1: the order in which they began
    number: int
    fingerprint: str
    rule_id: str
    rule_version: int
    group: str
    status: AlertStatus
    severity: Severity
    title: str
    labels: Mapping[str, str]
    started_at_ms: int
    #: seen last
    seen_at_ms: int
    #: happenings
    count: int
    #: it is over by itself then, if it is not seen before; None = never
    lapses_at_ms: int | None = None
    ended_at_ms: int | None = None
    #: severity that people were told; None = nobody was told
    told: Severity | None = None
    #: people were told that it is over
    end_told: bool = False
    #: who took it; "" = nobody
    owner: str = ""
    #: silence or inhibition that holds it back, as `silence:<id>` or `inhibition:<id>:<alert>`; "" = none
    held_by: str = ""
    steps: list[Step] = field(default_factory=list[Step])

    @property
    def is_open(self) -> bool:
        """It is not over."""
        return self.status is not AlertStatus.RESOLVED

    def note(self, step: Step) -> None:
        """Keep a step; of very many the middle is given up."""
        self.steps.append(step)
        if len(self.steps) > MAX_STEPS:
            del self.steps[FIRST_STEPS]


@dataclass(slots=True, kw_only=True)
class Group:
    """Alerts that are told together."""

    key: str
    rule_id: str
    policy: Policy
    labels: Mapping[str, str]
    #: ids of alerts that are open, or whose end is not told yet; in the order of their beginning
    alerts: list[str]
    #: what there is to tell is told then; None = nothing is due
    flush_at_ms: int | None
    #: when somebody was told last
    told_at_ms: int | None = None
    #: since when nobody has taken what was told; None = somebody has, or nothing was told
    untaken_since_ms: int | None = None
    #: highest level of the chain that was told in this time; -1 = none
    level: int = -1
    #: highest level that was ever told of this group: its people hear of the end
    reached: int = -1


class NoticeKind(enum.StrEnum):
    """Why people are told."""

    FIRING = "firing"
    RESOLVED = "resolved"
    REPEAT = "repeat"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is to be told to whom; made once, sent until it arrives."""

    #: names it for ever: a notice that is made again after a crash has the same
    id: str
    kind: NoticeKind
    group: str
    at_ms: int
    level: int
    receivers: tuple[str, ...]
    #: worst of those that are open, else of those that ended
    severity: Severity
    #: ids of what is new or worse, the worst first, at most MAX_NAMED
    news: tuple[str, ...]
    #: ids of what is over, at most MAX_NAMED
    ends: tuple[str, ...]
    #: ids of others that are open in the group, the worst first, at most MAX_NAMED
    left: tuple[str, ...]
    #: how many there are of each
    new: int
    ended: int
    others: int
    #: of the group
    rule_id: str
    labels: Mapping[str, str]
    chain: str
