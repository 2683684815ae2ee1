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
AlertActName = Literal["acknowledge", "release", "resolve", "claim", "escalate"]
AlertTellingName = Literal["told", "held", "noted"]
AlertGroupByName = Literal["rule", "group", "fingerprint"]
SignalKindName = Literal["events", "threshold", "absence"]
AlertIdText = Annotated[str, Field(pattern=r"^alt_[0-9a-f]{24}$", max_length=40)]
MAX_ALERTS = 1_000  #: of one order
MAX_NOTE_CHARS = 4_000


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


class ListedAlert(AlertItem):
    """An alert in a list."""

    #: how often there was the same trouble on each of the last 14 days (UTC), today last; None = not asked for
    days: list[int] | None


class AlertFacets(Wire):
    """How many alerts have each value."""

    status: dict[str, int]
    severity: dict[str, int]
    rule: dict[str, int]
    owner: dict[str, int]


class AlertPage(Wire):
    """Alerts, those seen last before others."""

    items: list[ListedAlert]
    next_cursor: str | None
    #: how many fit, on the first page
    total: int | None
    facets: AlertFacets | None
    as_of: str


class AlertHistogram(Wire):
    """How many alerts began in each slot of a time, by what became of telling people."""

    since: str
    step_s: float
    told: list[int]
    #: a silence or another alert kept them back
    held: list[int]
    #: they stand in the list only
    noted: list[int]


class AlertSumView(Wire):
    """Alerts that have something in common."""

    #: id of the rule, key of the group, or fingerprint
    key: str
    rule_id: str
    rule_name: str
    #: title and labels of one of them
    title: str
    labels: dict[str, str]
    alerts: int
    firing: int
    acknowledged: int
    #: open ones that are kept back
    held: int
    #: happenings
    count: int
    worst: SeverityName
    first_started_at: str
    last_seen_at: str


class AlertSums(Wire):
    """Alerts summed up, the worst and most first, at most 200."""

    items: list[AlertSumView]
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


class AlertNoteView(Wire):
    """What a person wrote down about an alert."""

    note_id: str
    at: str
    by: str
    text: str


class AlertPast(Wire):
    """How often there was the same trouble within 14 days before an alert."""

    #: with this alert
    count: int
    #: of the one before; None = there was none
    before_started_at: str | None
    before_ended_at: str | None


class AlertDetail(AlertItem):
    """An alert with what led to it and who was told."""

    steps: list[AlertStep]
    #: others of its group, the worst first, at most 50
    group_alerts: list[AlertItem]
    notices: list[NoticeItem]
    next: NextLevelView | None
    #: events that it was made of, the newest first, at most 50; rows of `/events` or, with `is_file`, of `/file-events`
    events: list[AlertEvent]
    #: the newest first, at most 100
    notes: list[AlertNoteView]
    past: AlertPast


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


class AlertSpan(Wire):
    """When an alert fired."""

    alert_id: str
    started_at: str
    #: None = it still does
    ended_at: str | None


class AlertSignal(Wire):
    """The quantity that a rule looks at, over the time around an alert."""

    alert_id: str
    #: `events`: happenings in each slot; `threshold`: the most that the rule's window held at a moment of the slot;
    #: `absence`: the longest time without an event until a moment of the slot, in seconds
    kind: SignalKindName
    since: str
    until: str
    step_s: float
    #: one for each slot; None = not known
    values: list[float | None]
    #: what fires when it is reached; None = the rule has none, or its version is not kept any more
    threshold: float | None
    #: how far the rule's window reaches
    within_s: float | None
    #: this alert and others about the same trouble, oldest first
    spans: list[AlertSpan]
    #: False = of a part of the time not all was noted; it has no values
    complete: bool


class EvidenceSource(Wire):
    """Where events of an alert came from."""

    #: "" = it was no agent
    agent_id: str
    name: str
    #: happenings
    count: int
    events: int
    first_at: str
    last_at: str
    #: happenings over the time of the evidence, in slots of equal length
    bars: list[int]


class EvidenceValue(Wire):
    """A value with the happenings that had it."""

    value: str
    count: int


class EvidenceSpread(Wire):
    """How happenings are spread over the values of a property."""

    #: `type`, `status`, `store`, `error_class`, `error_code`, `directory`, or `label:` and a name
    name: str
    #: the most frequent first, at most 8
    values: list[EvidenceValue]
    distinct: int


class EvidenceLine(Wire):
    """What an event said."""

    row_id: str
    is_file: bool
    at: str
    agent_id: str
    #: of the host or source
    name: str
    text: str


class EvidencePattern(Wire):
    """What lines have in common; what differs is `…`."""

    pattern: str
    count: int
    severity: SeverityName
    first_at: str
    last_at: str
    #: the newest first
    lines: list[EvidenceLine]


class AlertEvidence(Wire):
    """What the newest events of an alert have in common, and whom they concern."""

    alert_id: str
    #: that were looked at; not more than a thousand
    events: int
    #: that these stand for
    happenings: int
    #: of the alert
    count: int
    since: str
    until: str
    #: those with most happenings first, at most 200
    sources: list[EvidenceSource]
    #: how many there are
    sources_total: int
    spreads: list[EvidenceSpread]
    #: those with most happenings first, at most 20
    patterns: list[EvidencePattern]


class AlertNoteOrder(Wire):
    """What a person has to say about an alert."""

    text: str = Field(min_length=1, max_length=MAX_NOTE_CHARS)


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
