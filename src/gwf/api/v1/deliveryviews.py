"""Channels, notices and messages as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gwf.alerts.delivery.desk import ChannelLook
from gwf.alerts.delivery.model import ChannelHealth
from gwf.alerts.delivery.quiet import QuietHours
from gwf.alerts.delivery.reads import KeptMessage, KeptNotice, KeptPart, KeptTemplate
from gwf.alerts.delivery.template import fields_of
from gwf.core.clock import utc_text
from gwf.wire.delivery import (
    ChannelStateName,
    ChannelView,
    MessageDetail,
    MessageItem,
    NoticeView,
    PartView,
    QuietView,
    TemplateView,
)


def channel_view(look: ChannelLook, *, now_ms: int) -> ChannelView:
    """Return a channel."""
    rules, facts, health = look.rules, look.facts, look.facts.health
    return ChannelView.model_validate(
        {
            "name": rules.name,
            "kind": rules.kind,
            "state": _state(health, now_ms),
            "per_minute": rules.per_minute,
            "left": look.left,
            "waiting_urgent": facts.waiting.urgent,
            "waiting_rest": facts.waiting.rest,
            "waiting_quiet": facts.waiting.quiet,
            "oldest_waiting_at": _maybe(facts.waiting.oldest_at_ms),
            "sent_day": facts.sent_day,
            "failed_day": facts.failed_day,
            "last_ok_at": _maybe(health.last_ok_ms),
            "last_failed_at": _maybe(health.last_failed_ms),
            "down_since": _maybe(health.down_since_ms),
            "failures": health.failures,
            "blocked_until": utc_text(health.blocked_until_ms) if health.blocked_until_ms > now_ms else None,
            "error": health.error,
            "error_class": health.error_class,
            "fallback": rules.fallback,
            "fallback_after_s": rules.fallback_after_s,
            "quiet": None if rules.quiet is None else _quiet(rules.quiet, look),
            "language": rules.language,
            "zone": look.zone,
            "idempotent": rules.idempotent,
        }
    )


def _state(health: ChannelHealth, now_ms: int) -> ChannelStateName:
    if health.error:
        return "waiting" if health.error_class == "throttled" and health.blocked_until_ms > now_ms else "failing"
    return "untried" if health.last_ok_ms is None else "ok"


def _quiet(hours: QuietHours, look: ChannelLook) -> QuietView:
    return QuietView.model_validate(
        {
            "begin": _clock(hours.window.begin),
            "end": _clock(hours.window.end),
            "below": hours.below.word,
            "zone": look.zone,
            "until": _maybe(look.quiet_until_ms),
        }
    )


def message_values(kept: KeptMessage) -> Mapping[str, Any]:
    """Return the fields of a message in a list."""
    message = kept.message
    return {
        "message_id": message.message_id,
        "channel": message.channel,
        "state": kept.state.value,
        "title": message.title,
        "severity": message.severity.word,
        "urgent": message.urgent,
        "notices": message.parts,
        "attempts": message.attempts,
        "unsure": message.unsure,
        "receipt": kept.receipt,
        "error": kept.error,
        "error_class": kept.error_class,
        "next_try_at": _maybe(kept.next_at_ms),
        "created_at": utc_text(message.created_at_ms),
        "sent_at": _maybe(kept.sent_at_ms),
    }


def message_item(kept: KeptMessage) -> MessageItem:
    """Return a message in a list."""
    return MessageItem.model_validate(message_values(kept))


def message_detail(kept: KeptMessage, told: list[str]) -> MessageDetail:
    """Return a message with its text."""
    message = kept.message
    more = {"text": message.text, "mobiles": list(message.mobiles), "emails": list(message.emails), "told": told}
    return MessageDetail.model_validate({**message_values(kept), **more})


def notice_view(kept: KeptNotice) -> NoticeView:
    """Return a notice with its parts."""
    notice, body = kept.notice, kept.notice.body
    alerts: list[dict[str, object]] = body.get("alerts") or [{}]
    return NoticeView.model_validate(
        {
            "notice_id": notice.notice_id,
            "kind": notice.kind.value,
            "at": utc_text(notice.at_ms),
            "severity": notice.severity.word,
            "level": notice.level,
            "receivers": list(notice.receivers),
            "rule_id": str(body.get("rule_id", "")),
            "rule_name": str(body.get("rule_name", "")),
            "title": str(alerts[0].get("title", "")),
            "new": int(body.get("new", 0)),
            "ended": int(body.get("ended", 0)),
            "others": int(body.get("others", 0)),
            "state": kept.state.value,
            "parts": [_part(one) for one in kept.parts],
        }
    )


def _part(kept: KeptPart) -> PartView:
    return PartView(
        channel=kept.part.channel,
        state=kept.state.value,
        due_at=utc_text(kept.part.due_at_ms),
        people=list(kept.part.people),
        instead_of=kept.part.instead_of,
        message=None if kept.message is None else message_item(kept.message),
    )


def template_view(kept: KeptTemplate) -> TemplateView:
    """Return the text of a kind of messages."""
    return TemplateView.model_validate(
        {
            "kind": kept.kind,
            "title": kept.title,
            "text": kept.text,
            "is_default": kept.revision == 0,
            "revision": kept.revision,
            "by": kept.by,
            "updated_at": utc_text(kept.updated_at_ms) if kept.revision else None,
            "fields": dict(fields_of(kept.kind)),
        }
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _maybe(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
