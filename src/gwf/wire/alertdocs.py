"""What people decide about alerts, as the API shows and takes it: rules, chains, schedules, inhibitions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from gwf.wire.configforms import DocumentFault
from gwf.wire.edge import Wire
from gwf.wire.events import SeverityName
from gwf.wire.rollouts import ValueChange
from gwf.wire.rules import Reason

AlertDocKindName = Literal["alert_rule", "chain", "schedule", "inhibition"]
AlertDocStateName = Literal["draft", "published", "retired"]
#: none: no alert was opened; resolved: all that were are over
AlertStandingName = Literal["none", "firing", "resolved"]


class AlertDocWish(Wire):
    """A document to be written as a draft."""

    #: see docs/alerts/rules.md and docs/alerts/oncall.md
    document: dict[str, JsonValue]
    #: put it into force at once
    publish: bool = False
    #: why, for the record
    reason: Reason = ""


class AlertDocCheckWish(Wire):
    """A document as it is being written: exactly one of `document` and `text`."""

    document: dict[str, JsonValue] | None = None
    #: YAML, JSON included
    text: str | None = Field(default=None, max_length=512 * 1024)
    #: what it would be a version of; None = a new one
    id: str | None = Field(default=None, min_length=1, max_length=100)


class AlertDocOrder(Wire):
    """Why something is done to a document."""

    reason: Reason = ""


class AlertDocRollbackWish(AlertDocOrder):
    """Which version is to be in force again."""

    version: int = Field(ge=1, le=2**31 - 1)


class AlertDocItem(Wire):
    """A document in a list."""

    id: str
    kind: AlertDocKindName
    #: of its newest version
    name: str
    #: published: in force, perhaps with a draft beside it · draft: never was · retired: not any more
    state: AlertDocStateName
    #: the version that is shown: the draft, else the one in force, else the last one
    version: int
    published_version: int | None
    draft_version: int | None
    #: of the version in force; None = none is
    enabled: bool | None
    #: came with GWF; it may be changed and taken out of force as any other
    built_in: bool
    #: of the version that is shown
    document: dict[str, JsonValue]
    author: str
    created_at: str
    updated_at: str
    #: a change names it as If-Match
    revision: int
    #: of a rule: its alerts that are open; of others None
    open_alerts: int | None
    #: of a rule: its alerts that began in the last 7 days; of others None
    alerts_7d: int | None


class AlertDocPage(Wire):
    """All documents of a kind, by name."""

    items: list[AlertDocItem]
    total: int
    as_of: str


class AlertDocView(AlertDocItem):
    """One document with its versions that matter."""

    #: why the version that is shown was written
    reason: str
    #: in force; None = none
    published: dict[str, JsonValue] | None
    #: how the draft differs from what is in force
    changes: list[ValueChange]


class AlertDocVersionView(Wire):
    """One version of a document."""

    id: str
    version: int
    state: AlertDocStateName
    author: str
    reason: str
    created_at: str
    published_at: str | None
    retired_at: str | None
    document: dict[str, JsonValue]


class AlertDocVersionPage(Wire):
    """Versions of a document, newest first."""

    items: list[AlertDocVersionView]
    #: `before` of the next page; None = there is none
    next_before: int | None


class FailedAlertTest(Wire):
    """A test case of a rule of alerts that fails, and what came of it."""

    #: among the cases, from 0
    place: int
    name: str
    alert: AlertStandingName
    #: of the worst alert; None = there was none
    severity: SeverityName | None


class AlertDocCheck(Wire):
    """What is wrong with a document, without anything being kept."""

    #: None when the text is no YAML
    document: dict[str, JsonValue] | None
    #: the document as YAML; for text that was sent, the same text
    text: str
    #: empty = it can be put into force, unless test cases fail
    faults: list[DocumentFault]
    #: of a rule of alerts; one that fails is not put into force
    failed_tests: list[FailedAlertTest]
    #: against what is in force of `id`; against nothing when none is
    changes: list[ValueChange]


class OnCallPerson(Wire):
    """Somebody who may be on call."""

    name: str
    #: by which they are told
    channel: str
    #: "" = none
    mobile: str
    email: str


class OnCallShift(Wire):
    """A stretch in which the same person is on call."""

    begins_at: str
    ends_at: str
    #: None = nobody: it lies outside of the hours
    person: str | None
    #: whose turn it is; differs from `person` where somebody else took it
    turn: str | None
    by_override: bool


class OnCallView(Wire):
    """Who has a schedule, now and later."""

    schedule_id: str
    name: str
    zone: str
    #: None = nobody
    now: OnCallPerson | None
    #: the stretch that now lies in, whole as far as it lies in the time that was asked for
    shift: OnCallShift | None
    shifts: list[OnCallShift]


class OnCallPage(Wire):
    """Who is on call, by the schedules in force."""

    items: list[OnCallView]
    since: str
    until: str


class ShiftsWish(Wire):
    """A schedule as it is being written."""

    document: dict[str, JsonValue]
    days: int = Field(default=14, ge=1, le=92)


class ShiftsView(Wire):
    """Who would be on call by a schedule as it is being written."""

    shifts: list[OnCallShift]
    since: str
    until: str


class OverrideWish(AlertDocOrder):
    """Somebody who takes a part of the turns of others."""

    person: Annotated[str, Field(min_length=1, max_length=100)]
    begins_at: AwareDatetime
    ends_at: AwareDatetime


class OverrideEndWish(AlertDocOrder):
    """An override that is not to be."""

    #: its place among the overrides of the schedule in force, from 0
    place: int = Field(ge=0, le=10_000)
    #: person of it, so that no other one is meant
    person: Annotated[str, Field(min_length=1, max_length=100)]


class RecipientView(Wire):
    """One way to one receiver."""

    channel: str
    #: None = the channel itself, with all its readers
    person: str | None
    #: receiver of the chain that led here
    of: str


class LevelView(Wire):
    """A level of a chain, and who it is now."""

    level: int
    after_s: float
    receivers: list[str]
    #: empty = nobody
    recipients: list[RecipientView]


class ChainReceivers(Wire):
    """Who a chain in force tells at a moment."""

    at: str
    #: the moment lies within the hours of the chain; also where it has none
    within_hours: bool
    levels: list[LevelView]


class AlertDryRunWish(Wire):
    """A rule of alerts as it is being written, and how far back events are looked at."""

    document: dict[str, JsonValue]
    #: back from now
    days: float = Field(default=7.0, gt=0, le=92)
    #: alerts that are told one by one, those that began first
    max_alerts: int = Field(default=200, ge=0, le=1_000)


class AlertDraftRunWish(Wire):
    """How far back events are looked at with the draft of a rule, or what is in force."""

    #: back from now
    days: float = Field(default=7.0, gt=0, le=92)
    #: alerts that are told one by one, those that began first
    max_alerts: int = Field(default=200, ge=0, le=1_000)


class DryRunAlert(Wire):
    """An alert that the rule would have opened."""

    title: str
    severity: SeverityName
    labels: dict[str, str]
    opened_at: str
    #: None = it would be open now
    ended_at: str | None
    #: happenings
    count: int
    #: when people would have been told first; None = it ended before
    told_at: str | None
    #: row id of the event that opened it; None = something stayed away
    event: str | None
    #: the same event as test cases have it
    sample: dict[str, JsonValue] | None


class DryRunOutcomes(Wire):
    """What the rule made of the events that it matched."""

    trouble: int
    #: trouble, but not yet so often that it counts
    counted: int
    #: what was wrong was so no longer
    over: int
    #: what is missed when it stays away came
    came: int


class DryRunNotices(Wire):
    """How many notices there would have been, by why."""

    firing: int
    resolved: int
    repeat: int
    escalation: int


class AlertDryRun(Wire):
    """What would have come of a rule: at most so much, as nothing was silent and nobody took an alert."""

    since: str
    until: str
    #: that were looked at; of files only those that the rule may ask for
    events: int
    took_ms: int
    #: events that the rule matched
    matched: int
    outcomes: DryRunOutcomes
    alerts: int
    #: of these would be open now
    open: int
    notices: int
    by_kind: DryRunNotices
    #: most notices within an hour
    worst_hour: int
    #: the rule names no chain, or one that tells nobody: notices are those that there would be with one
    tells_nobody: bool
    items: list[DryRunAlert]
    #: of the first 1,000 notices
    notices_at: list[str]
    #: test cases that the rule has, and those that it fails
    tests: int
    failed_tests: list[FailedAlertTest]
