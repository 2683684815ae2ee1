"""Alerts in the shapes that the API sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from gwf.alerts.life.model import Step
from gwf.alerts.run.desk import DAYS, AlertStory, Begun, NextLevel
from gwf.alerts.run.explain import Explanation, Verdicts, Why
from gwf.alerts.run.model import Act, AlertSum, Hit, KeptAlert, KeptNotice, Note, OrderEnd, Past, Telling
from gwf.api.v1.ruleviews import trace_view
from gwf.core.clock import utc_text
from gwf.rules.decision import EventKind
from gwf.wire.alerts import (
    AlertDetail,
    AlertEvent,
    AlertExplanation,
    AlertHistogram,
    AlertItem,
    AlertNoteView,
    AlertOrderOutcome,
    AlertPast,
    AlertStep,
    AlertSumView,
    EventWhy,
    ListedAlert,
    NextLevelView,
    NoticeItem,
    RuleVerdict,
)
from gwf.wire.events import SeverityName

NOT_MATCHED = "not_matched"


def alert_item(kept: KeptAlert) -> AlertItem:
    """Return an alert in a list."""
    return AlertItem.model_validate(_item(kept))


def listed(kept: KeptAlert, days: Mapping[str, Mapping[int, int]] | None) -> ListedAlert:
    """Return an alert in a list with how often there was the same trouble lately, where that was asked for."""
    mine = None if days is None else days.get(kept.alert.fingerprint, {})
    counts = None if mine is None else [mine.get(day, 0) for day in range(DAYS)]
    return ListedAlert.model_validate({**_item(kept), "days": counts})


def histogram_view(found: Begun) -> AlertHistogram:
    """Return how many alerts began over a time."""
    bars = {one: [found.counts.get((at, one), 0) for at in range(found.bars)] for one in Telling}
    return AlertHistogram(
        since=utc_text(found.since_ms), step_s=found.step_ms / 1000,
        told=bars[Telling.TOLD], held=bars[Telling.HELD], noted=bars[Telling.NOTED],
    )  # fmt: skip


def sum_view(one: AlertSum) -> AlertSumView:
    """Return alerts that have something in common."""
    return AlertSumView(
        key=one.key, rule_id=one.rule_id, rule_name=one.rule_name, title=one.title, labels=dict(one.labels),
        alerts=one.alerts, firing=one.firing, acknowledged=one.acknowledged, held=one.held, count=one.happenings,
        worst=cast("SeverityName", one.worst.word),
        first_started_at=utc_text(one.first_started_ms), last_seen_at=utc_text(one.last_seen_ms),
    )  # fmt: skip


def _item(kept: KeptAlert) -> dict[str, Any]:
    alert = kept.alert
    return {
        "alert_id": alert.id,
        "number": alert.number,
        "rule_id": alert.rule_id,
        "rule_version": alert.rule_version,
        "rule_name": kept.rule_name,
        "status": alert.status.value,
        "severity": alert.severity.word,
        "title": alert.title,
        "labels": dict(alert.labels),
        "group": alert.group,
        "started_at": utc_text(alert.started_at_ms),
        "seen_at": utc_text(alert.seen_at_ms),
        "ended_at": None if alert.ended_at_ms is None else utc_text(alert.ended_at_ms),
        "count": alert.count,
        "told_severity": None if alert.told is None else alert.told.word,
        "owner": alert.owner,
        "held_by": alert.held_by,
        "updated_at": utc_text(kept.updated_at_ms),
        "revision": kept.revision,
    }


def alert_detail(story: AlertStory) -> AlertDetail:
    """Return an alert with what belongs to it."""
    values = {
        "steps": [step_view(step) for step in story.alert.alert.steps],
        "group_alerts": [alert_item(one) for one in story.group],
        "notices": [notice_item(one) for one in story.notices],
        "next": None if story.next is None else _next(story.next),
        "events": [event_view(hit) for hit in story.hits],
        "notes": [note_view(note) for note in story.notes],
        "past": _past(story.past),
    }
    return AlertDetail.model_validate({**_item(story.alert), **values})


def note_view(note: Note) -> AlertNoteView:
    """Return a note as it is sent."""
    return AlertNoteView(note_id=note.note_id, at=utc_text(note.at_ms), by=note.by, text=note.text)


def _past(past: Past) -> AlertPast:
    begin_ms, end_ms = past.before_started_ms, past.before_ended_ms
    return AlertPast(
        count=past.count,
        before_started_at=None if begin_ms is None else utc_text(begin_ms),
        before_ended_at=None if end_ms is None else utc_text(end_ms),
    )


def step_view(step: Step) -> AlertStep:
    """Return a step as it is sent."""
    return AlertStep(at=utc_text(step.at_ms), stage=step.stage.value, outcome=step.outcome, values=dict(step.values))


def notice_item(one: KeptNotice) -> NoticeItem:
    """Return a notice as it is sent."""
    return NoticeItem.model_validate(
        {
            "notice_id": one.notice_id,
            "kind": one.kind,
            "at": utc_text(one.at_ms),
            "level": one.level,
            "receivers": list(one.receivers),
            "severity": one.severity.word,
            "new": one.body.get("new", 0),
            "ended": one.body.get("ended", 0),
            "others": one.body.get("others", 0),
            "state": one.state,
            "updated_at": utc_text(one.updated_at_ms),
        }
    )


def _next(level: NextLevel) -> NextLevelView:
    return NextLevelView(at=utc_text(level.at_ms), level=level.level, receivers=list(level.receivers))


def event_view(hit: Hit) -> AlertEvent:
    """Return an event that made an alert."""
    return AlertEvent(row_id=str(hit.row_id), is_file=hit.is_file, at=utc_text(hit.at_ms), outcome=hit.outcome.value)


def outcome_view(act: Act, end: OrderEnd) -> AlertOrderOutcome:
    """Return what became of orders."""
    return AlertOrderOutcome(act=act.value, done=list(end.done), too_late=list(end.too_late), pending=list(end.pending))


def why_view(why: Why) -> EventWhy:
    """Return why an event alerted people, or nobody."""
    return EventWhy(
        row_id=str(why.ref.row_id),
        is_file=why.ref.kind is EventKind.FILE,
        seen_at=None if why.seen_at_ms is None else utc_text(why.seen_at_ms),
        verdict=why.verdict.value,
        rules=[verdict_view(one) for one in why.rules],
        alerts=[alert_item(one) for one in why.alerts],
    )


def verdict_view(one: Verdicts) -> RuleVerdict:
    """Return what a rule says of an event."""
    threshold, rule = one.rule.threshold, one.rule
    outcome = one.hit.outcome if one.hit is not None else one.outcome
    return RuleVerdict.model_validate(
        {
            "rule_id": rule.id,
            "rule_version": rule.version,
            "rule_name": rule.name,
            "outcome": NOT_MATCHED if outcome is None else outcome.value,
            "counted": None if threshold is None or one.hit is None else one.hit.counted,
            "needed": None if threshold is None else threshold.count,
            "within_s": None if threshold is None else threshold.within_s,
            "alert_id": one.alert_id or None,
            "same": one.same,
            "when": trace_view(one.when),
            "clear": None if one.clear is None else trace_view(one.clear),
        }
    )


def explanation_view(found: Explanation) -> AlertExplanation:
    """Return an alert with its rule asked again."""
    rule: Mapping[str, Any] | None = found.document
    return AlertExplanation(
        alert=alert_item(found.alert),
        steps=[step_view(step) for step in found.alert.alert.steps],
        rule=None if rule is None else dict(rule),
        first_event=None if found.first is None else verdict_view(found.first),
        same=found.same,
        telling=found.telling.value,
    )
