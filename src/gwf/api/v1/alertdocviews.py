"""What people decide about alerts, in the shapes that the API sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gwf.alerts.cases import FailedCase
from gwf.alerts.documents.builtin import BUILT_IN
from gwf.alerts.documents.record import DocKind, StoredDoc
from gwf.alerts.documents.service import DocNow
from gwf.alerts.oncall import Person, Recipient, Schedule, Shift, duty, shifts
from gwf.alerts.silences.model import KnownAlert, StoredSilence
from gwf.alerts.silences.service import Impact
from gwf.api.v1.rolloutviews import document_changes
from gwf.core.clock import utc_text
from gwf.wire.alertdocs import (
    AlertDocItem,
    AlertDocVersionView,
    AlertDocView,
    FailedAlertTest,
    OnCallPerson,
    OnCallShift,
    OnCallView,
    RecipientView,
)
from gwf.wire.silences import SilencedAlert, SilencePreview, SilenceView

Counts = Mapping[str, tuple[int, int]]
"""Of rules by id: open alerts, and those of the last days."""


def doc_item(now: DocNow, counts: Counts) -> AlertDocItem:
    """Return a document in a list."""
    return AlertDocItem.model_validate(_item(now, counts))


def doc_view(now: DocNow, counts: Counts) -> AlertDocView:
    """Return one document."""
    published = None if now.published is None else dict(now.published.document)
    changes = [] if published is None else document_changes(published, now.shown.document)
    more = {"reason": now.shown.reason, "published": published, "changes": changes}
    return AlertDocView.model_validate({**_item(now, counts), **more})


def failed_test(failed: FailedCase) -> FailedAlertTest:
    """Return a test case that fails as it is sent."""
    return FailedAlertTest.model_validate(
        {
            "place": failed.place,
            "name": failed.name,
            "alert": failed.standing.value,
            "severity": None if failed.severity is None else failed.severity.word,
        }
    )


def _item(now: DocNow, counts: Counts) -> dict[str, Any]:
    head, shown = now.head, now.shown
    is_rule = head.kind is DocKind.RULE
    open_alerts, recent = counts.get(head.doc_id, (0, 0))
    return {
        "id": head.doc_id,
        "kind": head.kind.value,
        "name": head.name,
        "state": head.state.value,
        "version": shown.ref.version,
        "published_version": head.published,
        "draft_version": head.draft,
        "enabled": None if now.published is None else now.published.document.get("enabled", True) is True,
        "built_in": BUILT_IN in head.doc_id,
        "document": dict(shown.document),
        "author": shown.author,
        "created_at": utc_text(head.created_at_ms),
        "updated_at": utc_text(head.updated_at_ms),
        "revision": head.revision,
        "open_alerts": open_alerts if is_rule else None,
        "alerts_7d": recent if is_rule else None,
    }


def version_view(stored: StoredDoc) -> AlertDocVersionView:
    """Return a version as it is sent."""
    return AlertDocVersionView(
        id=stored.ref.doc_id,
        version=stored.ref.version,
        state=stored.state.value,
        author=stored.author,
        reason=stored.reason,
        created_at=utc_text(stored.created_at_ms),
        published_at=None if stored.published_at_ms is None else utc_text(stored.published_at_ms),
        retired_at=None if stored.retired_at_ms is None else utc_text(stored.retired_at_ms),
        document=dict(stored.document),
    )


def shift_views(found: Sequence[Shift]) -> list[OnCallShift]:
    """Return stretches of a schedule as they are sent."""
    return [
        OnCallShift(
            begins_at=utc_text(one.begins_at_ms),
            ends_at=utc_text(one.ends_at_ms),
            person=_name(one.duty.person),
            turn=_name(one.duty.turn),
            by_override=one.duty.by_override,
        )
        for one in found
    ]


def on_call_view(schedule_id: str, schedule: Schedule, *, since_ms: int, until_ms: int, now_ms: int) -> OnCallView:
    """Return who has a schedule."""
    found = shifts(schedule, since_ms, until_ms)
    current = [one for one in found if one.begins_at_ms <= now_ms < one.ends_at_ms]
    person = duty(schedule, now_ms).person
    return OnCallView(
        schedule_id=schedule_id,
        name=schedule.name,
        zone=schedule.zone.key,
        now=None
        if person is None
        else OnCallPerson(name=person.name, channel=person.channel, mobile=person.mobile, email=person.email),
        shift=shift_views(current)[0] if current else None,
        shifts=shift_views(found),
    )


def recipient_view(one: Recipient) -> RecipientView:
    """Return a recipient as it is sent."""
    return RecipientView(channel=one.channel, person=one.person or None, of=one.of)


def silence_view(silence: StoredSilence, *, holds: int, now_ms: int) -> SilenceView:
    """Return a silence as it is sent."""
    return SilenceView(
        silence_id=silence.silence_id,
        state=silence.state(now_ms).value,
        selector=silence.selector,
        begins_at=utc_text(silence.begins_at_ms),
        ends_at=utc_text(silence.ends_at_ms),
        reason=silence.reason,
        author=silence.author,
        created_at=utc_text(silence.created_at_ms),
        updated_at=utc_text(silence.updated_at_ms),
        expired_at=None if silence.expired_at_ms is None else utc_text(silence.expired_at_ms),
        holds=holds,
        revision=silence.revision,
    )


def preview_view(impact: Impact, *, now_ms: int) -> SilencePreview:
    """Return what a silence would hold back as it is sent."""
    return SilencePreview(
        alerts=[_silenced(alert) for alert in impact.alerts],
        covered=impact.covered,
        newly_held=impact.newly_held,
        open=impact.open,
        severities=dict(impact.severities),
        recent=dict(impact.recent),
        recent_all=impact.recent_all,
        as_of=utc_text(now_ms),
    )


def _silenced(alert: KnownAlert) -> SilencedAlert:
    return SilencedAlert.model_validate(
        {
            "alert_id": alert.alert_id,
            "rule_id": alert.rule_id,
            "rule_name": alert.rule_name,
            "title": alert.title,
            "severity": alert.severity.word,
            "status": alert.status,
            "labels": dict(alert.labels),
            "started_at": utc_text(alert.started_at_ms),
            "held_by": alert.held_by,
        }
    )


def _name(person: Person | None) -> str | None:
    return None if person is None else person.name
