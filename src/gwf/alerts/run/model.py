"""What a turn of alerts reads and writes. Values."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.life.model import Alert, AlertStatus, Group, Notice
from gwf.alerts.sight.model import AlertRule, Counted, Outcome
from gwf.events.model import Severity

MAX_TOLD = 20  #: alerts that a notice's body describes; it names more by their ids


class Act(enum.StrEnum):
    """What a person does with an alert."""

    ACKNOWLEDGE = "acknowledge"
    RELEASE = "release"
    RESOLVE = "resolve"
    #: a person becomes the owner, whoever was
    CLAIM = "claim"
    #: the next level of the chain is told now
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person wants of an alert; done by the next turn."""

    order_id: str
    tenant: str
    alert_id: str
    act: Act
    #: name of the person
    by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """What people decided for a tenant: rules in force, silences, inhibitions and chains."""

    #: another one whenever anything of the plan is another
    number: int
    rules: Sequence[AlertRule]
    setting: Setting


NO_PLAN = AlertPlan(0, (), Setting())


@dataclass(slots=True, kw_only=True)
class Kept:
    """What is kept of a tenant's alerts between two lives of a process."""

    state: State
    counted: list[Counted] = field(default_factory=list[Counted])
    #: names of rules by id, as their alerts have them
    names: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True, kw_only=True)
class Loaded:
    """All that is kept."""

    #: by tenant
    tenants: dict[str, Kept]
    #: turns so far; whoever writes the next one says it, so that two never write over each other
    turn: int
    #: last row of the newest batch that was seen; 0 = none was
    place: int
    #: batches seen that may be read again
    seen: set[int]


class Hit(NamedTuple):
    """What a rule made of an event."""

    row_id: int
    rule_id: str
    tenant: str
    rule_version: int
    is_file: bool
    outcome: Outcome
    #: "" = no alert
    alert_id: str
    #: events in the window of a threshold; 0 = the rule counts nothing
    counted: int
    at_ms: int
    #: happenings that it stands for: of an alert with very many events one hit tells of several
    happenings: int = 1


class AlertRow(NamedTuple):
    """An alert as it is written."""

    tenant: str
    alert: Alert
    rule_name: str
    #: it stays part of the state
    live: bool


class GroupRow(NamedTuple):
    """A group as it is written."""

    tenant: str
    group: Group


class CountRow(NamedTuple):
    """What a rule remembers, as it is written; None = it is forgotten."""

    tenant: str
    fingerprint: str
    counted: Counted | None


class NoticeRow(NamedTuple):
    """A notice with what it tells."""

    tenant: str
    notice: Notice
    body: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Turn:
    """What one turn writes, in one transaction."""

    #: number of the turn before
    after: int
    now_ms: int
    place: int
    batches: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    #: batches whose first row is before can come in late no more
    forget_before: int = 0
    alerts: list[AlertRow] = field(default_factory=list[AlertRow])
    groups: list[GroupRow] = field(default_factory=list[GroupRow])
    gone_groups: list[str] = field(default_factory=list[str])
    counts: list[CountRow] = field(default_factory=list[CountRow])
    hits: list[Hit] = field(default_factory=list[Hit])
    notices: list[NoticeRow] = field(default_factory=list[NoticeRow])
    #: orders that were done: id, and whether it was too late
    orders: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    #: alerts ever opened, by tenant
    opened: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def is_empty(self) -> bool:
        """Nothing but the place moved."""
        return not (
            self.alerts or self.groups or self.gone_groups or self.counts or self.hits or self.notices or self.orders
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlert:
    """An alert as it was written last."""

    alert: Alert
    rule_name: str
    updated_at_ms: int
    revision: int


class Between(NamedTuple):
    """A stretch of time; the end is outside."""

    since_ms: int
    until_ms: int


class Telling(enum.StrEnum):
    """What became of telling people of an alert."""

    TOLD = "told"
    #: a silence or another alert keeps or kept it back
    HELD = "held"
    #: it stands in the list only: it names no chain, waits for its moment, or ended before
    NOTED = "noted"


class GroupBy(enum.StrEnum):
    """By what alerts are summed up."""

    RULE = "rule"
    GROUP = "group"
    FINGERPRINT = "fingerprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts are wanted; what is empty or None wants all."""

    statuses: frozenset[AlertStatus] = frozenset()
    severities: frozenset[Severity] = frozenset()
    rules: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    #: labels with their values
    labels: tuple[tuple[str, str], ...] = ()
    #: in title or id
    text: str = ""
    #: seen last at or after, and before
    since_ms: int | None = None
    until_ms: int | None = None
    #: people are kept from being told
    held: bool | None = None
    tellings: frozenset[Telling] = frozenset()
    #: began at or after, and before
    began_since_ms: int | None = None
    began_until_ms: int | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSum:
    """Alerts that have something in common."""

    #: id of the rule, key of the group, or fingerprint
    key: str
    rule_id: str
    rule_name: str
    #: of one of them
    title: str
    labels: Mapping[str, str]
    alerts: int
    firing: int
    acknowledged: int
    held: int
    happenings: int
    worst: Severity
    first_started_ms: int
    last_seen_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a person wrote down about an alert."""

    note_id: str
    tenant: str
    alert_id: str
    at_ms: int
    #: name of the person
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The alerts about one trouble within some days."""

    count: int
    #: of the one before the last; None = there was none
    before_started_ms: int | None
    before_ended_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """A notice as the delivery has it."""

    notice_id: str
    kind: str
    at_ms: int
    level: int
    receivers: Sequence[str]
    severity: Severity
    body: Mapping[str, object]
    state: str
    updated_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnd:
    """What became of orders, by the ids of their alerts."""

    done: Sequence[str]
    too_late: Sequence[str]
    #: not done yet
    pending: Sequence[str]
