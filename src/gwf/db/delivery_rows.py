"""Parts, messages and channels of the delivery as rows, and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gwf.alerts.delivery.model import ChannelHealth, Message, OutboxNotice, Part
from gwf.alerts.life.model import NoticeKind
from gwf.db.tables.alerts import notices
from gwf.db.tables.delivery import channel_health, messages, notice_parts
from gwf.events.model import Severity

MAX_ERROR_CHARS = 500

#: a part with its notice
PARTS = sa.select(
    notice_parts,
    notices.c.kind,
    notices.c.level,
    notices.c.receivers,
    notices.c.body,
).join_from(notice_parts, notices, notices.c.notice_id == notice_parts.c.notice_id)


def notice_of(row: Any) -> OutboxNotice:
    """Return a notice."""
    return OutboxNotice(
        notice_id=row.notice_id,
        tenant=row.tenant_id,
        kind=NoticeKind(row.kind),
        at_ms=row.at_ms,
        level=row.level,
        receivers=tuple(row.receivers),
        severity=Severity(row.severity),
        body=row.body,
    )


def part_of(row: Any) -> Part:
    """Return a part with its notice."""
    return Part(
        notice=notice_of(row),
        channel=row.channel,
        due_at_ms=row.due_at_ms,
        mobiles=tuple(row.mobiles),
        emails=tuple(row.emails),
        people=tuple(row.people),
        instead_of=row.instead_of,
    )


def part_values(part: Part, *, state: str, now_ms: int) -> dict[str, Any]:
    """Return the row of a part."""
    return {
        "notice_id": part.notice.notice_id,
        "channel": part.channel,
        "tenant_id": part.notice.tenant,
        "urgent": part.notice.is_urgent,
        "severity": int(part.notice.severity),
        "at_ms": part.notice.at_ms,
        "due_at_ms": part.due_at_ms,
        "mobiles": list(part.mobiles),
        "emails": list(part.emails),
        "people": list(part.people),
        "instead_of": part.instead_of,
        "state": state,
        "updated_at_ms": now_ms,
    }


def message_of(row: Any) -> Message:
    """Return a message."""
    return Message(
        message_id=row.message_id,
        tenant=row.tenant_id,
        channel=row.channel,
        urgent=row.urgent,
        title=row.title,
        text=row.body,
        severity=Severity(row.severity),
        created_at_ms=row.created_at_ms,
        parts=row.parts,
        mobiles=tuple(row.mobiles),
        emails=tuple(row.emails),
        attempts=row.attempts,
        unsure=row.unsure,
    )


def message_values(message: Message, *, state: str, now_ms: int) -> dict[str, Any]:
    """Return the row of a message."""
    return {
        "message_id": message.message_id,
        "tenant_id": message.tenant,
        "channel": message.channel,
        "urgent": message.urgent,
        "state": state,
        "title": message.title,
        "body": message.text,
        "severity": int(message.severity),
        "parts": message.parts,
        "mobiles": list(message.mobiles),
        "emails": list(message.emails),
        "attempts": message.attempts,
        "unsure": message.unsure,
        "created_at_ms": message.created_at_ms,
        "updated_at_ms": now_ms,
    }


def health_of(row: Any) -> ChannelHealth:
    """Return how a channel does."""
    return ChannelHealth(
        down_since_ms=row.down_since_ms,
        failures=row.failures,
        blocked_until_ms=row.blocked_until_ms,
        last_ok_ms=row.last_ok_ms,
        last_failed_ms=row.last_failed_ms,
        error=row.error,
        error_class=row.error_class,
    )


def health_values(health: ChannelHealth) -> dict[str, Any]:
    """Return the row of how a channel does, without its name."""
    values = {column.name: getattr(health, column.name) for column in channel_health.c if column.name != "channel"}
    values["error"] = health.error[:MAX_ERROR_CHARS]
    return values


MESSAGE = messages.c
PART = notice_parts.c
