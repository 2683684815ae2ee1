"""Alerts as the API shows and takes them: how they stand, what led to it, who was told, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire
from gwf.wire.events import SeverityName
from gwf.wire.rules import TraceView

AlertStatusName = Literal["firing", "acknowledged", "resolved"]
#: what decides about an alert, in this order
StageName = Literal["rule", "dedup", "group", "inhibit", "silence", "notify", "escalate", "person", "resolve"]
NoticeKindName = Literal["firing", "resolved", "repeat", "escalation"]
#: what a rule made of an event
OutcomeName = Literal["trouble", "counted", "over", "came", "not_matched"]
TellingName = Literal[
    "told", "over", "held_by_silence", "held_by_inhibition", "no_chain", "waits", "acknowledged",
]  # fmt: skip
AlertActName = Literal["acknowledge", "release", "resolve"]
AlertIdText = Annotated[str, Field(pattern=r"^alt_[0-9a-f]{24}$", max_length=40)]
MAX_ALERTS = 1_000  #: of one order


class AlertItem(Wire):
    """One trouble, from its beginning on."""

    alert_id: str
    #: of the tenant's alerts, from 1
    number: int
    rule_id: str
    rule_version: int
    rule_name: str
    status: AlertStatusName
    severity: SeverityName
    title: str
    labels: dict[str, str]
    #: alerts of one group are told together
    group: str
    started_at: str
    seen_at: str
    ended_at: str | None
    #: how many happenings it stands for
    count: int
    #: severity that people were told; None = nobody was told
    told_severity: SeverityName | None
    #: who took it; "" = nobody
    owner: str
    #: what keeps people from being told: `silence:<id>` or `inhibition:<id>:<alert>`; "" = nothing
    held_by: str
    updated_at: str
    #: grows with each change
    revision: int


class AlertFacets(Wire):
    """How many alerts have each value."""

    status: dict[str, int]
    severity: dict[str, int]
    rule: dict[str, int]
    owner: dict[str, int]


class AlertPage(Wire):
    """Alerts, those seen last before others."""

    items: list[AlertItem]
    next_cursor: str | None
    #: how many fit, on the first page
    total: int | None
    facets: AlertFacets | None
    as_of: str


class AlertStep(Wire):
    """One decision of a stage, with the values that led to it."""

    at: str
    stage: StageName
    #: what was decided, a word of the stage: opened, worse, held, firing …
    outcome: str
    values: dict[str, str | int | float | None]


class NextLevelView(Wire):
    """Who is told next if nobody takes the alert."""

    at: str
    level: int
    receivers: list[str]


class NoticeItem(Wire):
    """What was to be told about the group of an alert, and what became of it."""

    notice_id: str
    kind: NoticeKindName
    at: str
    level: int
    #: names of channels and schedules
    receivers: list[str]
    severity: SeverityName
    #: alerts that were new or worse, that ended, and others that were open
    new: int
    ended: int
    others: int
    #: waiting, sent, failed … as the delivery has it
    state: str
    updated_at: str


class AlertDetail(AlertItem):
    """An alert with what led to it and who was told."""

    steps: list[AlertStep]
    #: others of its group, the worst first, at most 50
    group_alerts: list[AlertItem]
    notices: list[NoticeItem]
    next: NextLevelView | None
    #: events that it was made of, the newest first, at most 50; rows of `/events` or, with `is_file`, of `/file-events`
    events: list[AlertEvent]


class AlertEvent(Wire):
    """An event that an alert was made of."""

    row_id: str
    is_file: bool
    at: str
    outcome: OutcomeName


class RuleVerdict(Wire):
    """What one rule of alerts says of an event, asked again."""

    rule_id: str
    rule_version: int
    rule_name: str
    outcome: OutcomeName
    #: events so far in the window of a threshold, with this one; None = the rule counts nothing
    counted: int | None
    needed: int | None
    within_s: float | None
    alert_id: str | None
    #: what was noted when the event came is what the rule says now; None = nothing was noted
    same: bool | None
    when: TraceView
    clear: TraceView | None


class EventWhy(Wire):
    """Why an event alerted people, or nobody."""

    row_id: str
    is_file: bool
    #: moment at which the rules of alerts saw it; None = they have not, or it is not known any more
    seen_at: str | None
    #: the verdict in one word: alerted, counted, cleared, no_rule, pending
    verdict: Literal["alerted", "counted", "cleared", "no_rule", "pending"]
    rules: list[RuleVerdict]
    #: alerts that it began or belongs to
    alerts: list[AlertItem]


class AlertExplanation(Wire):
    """Each stage of an alert with values and thresholds, and the rule asked again."""

    alert: AlertItem
    steps: list[AlertStep]
    #: the document of the version that began it; None = it is not kept any more
    rule: dict[str, JsonValue] | None
    #: what the rule says of the event that began it, asked again; None = the event is not kept any more
    first_event: RuleVerdict | None
    #: all that could be asked again gave the same
    same: bool
    #: people are told of it, or why they are not
    telling: TellingName


class AlertOrder(Wire):
    """What a person does with an alert."""

    reason: str = Field(default="", max_length=500)


class AlertsOrder(AlertOrder):
    """What a person does with several alerts."""

    alert_ids: list[AlertIdText] = Field(min_length=1, max_length=MAX_ALERTS)


class AlertOrderOutcome(Wire):
    """What became of an order."""

    act: AlertActName
    #: alerts that it was done to
    done: list[str]
    #: alerts that had ended, or were taken, meanwhile
    too_late: list[str]
    #: alerts that it will be done to within moments: whoever moves alerts on is busy
    pending: list[str]
