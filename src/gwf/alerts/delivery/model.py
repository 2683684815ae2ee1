"""Words of the delivery: parts of messages, messages, channels as they are set and as they do."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gwf.alerts.delivery.quiet import QuietHours
from gwf.alerts.life.ledger import name_of
from gwf.alerts.life.model import NoticeKind
from gwf.events.model import Severity

Language = Literal["zh", "en"]
URGENT_FROM = Severity.CRITICAL


class PartState(enum.StrEnum):
    """Where a notice is on its way through one channel."""

    WAITING = "waiting"
    #: belongs to a message
    TAKEN = "taken"
    SENT = "sent"
    #: another channel tells it instead
    MOVED = "moved"
    FAILED = "failed"


class MessageState(enum.StrEnum):
    """Where a message is."""

    #: it failed and is tried again, with the same id
    WAITING = "waiting"
    #: written down before it is sent; after a crash nobody knows whether it arrived
    SENDING = "sending"
    SENT = "sent"
    MOVED = "moved"
    FAILED = "failed"


class NoticeState(enum.StrEnum):
    """Where a notice is, over all its channels."""

    WAITING = "waiting"
    #: its channels are known
    PLANNED = "planned"
    SENT = "sent"
    #: some channel gave up, and nothing stood in for it
    FAILED = "failed"
    #: none of its receivers is a channel or leads to one
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxNotice:
    """A notice as it waits in the outbox."""

    notice_id: str
    tenant: str
    kind: NoticeKind
    at_ms: int
    level: int
    receivers: tuple[str, ...]
    severity: Severity
    #: what it tells: rule_name, group_labels, new, ended, others, alerts …
    body: Mapping[str, Any]

    @property
    def is_urgent(self) -> bool:
        """It goes before others, in the lane that has a reserve."""
        return self.severity >= URGENT_FROM and self.kind is not NoticeKind.RESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One notice on its way through one channel."""

    notice: OutboxNotice
    channel: str
    #: not before; later than the notice in quiet hours
    due_at_ms: int
    mobiles: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    #: the channel that this one stands in for; "" = none
    instead_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is sent: one notice, or several folded into one."""

    #: names it for ever
    message_id: str
    tenant: str
    channel: str
    urgent: bool
    title: str
    text: str
    severity: Severity
    created_at_ms: int
    #: notices in it
    parts: int
    mobiles: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    #: tries that began
    attempts: int = 0
    #: a try ended without anybody knowing how
    unsure: bool = False

    @property
    def is_digest(self) -> bool:
        """It folds several notices."""
        return self.parts > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRules:
    """How a channel is to be used."""

    name: str
    #: dingtalk, wecom …
    kind: str
    per_minute: int
    timeout_s: float
    #: bytes that a message may have
    max_text_bytes: int
    language: Language = "zh"
    #: told instead where this one fails; "" = none
    fallback: str = ""
    #: how long it may fail until the other one is told
    fallback_after_s: float = 60.0
    quiet: QuietHours | None = None
    #: a message that comes twice under one id is shown once
    idempotent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How a channel does, from what it answered."""

    #: since when no message got through; None = the last one did
    down_since_ms: int | None = None
    #: messages that failed since then
    failures: int = 0
    #: nothing is sent before
    blocked_until_ms: int = 0
    last_ok_ms: int | None = None
    last_failed_ms: int | None = None
    error: str = ""
    error_class: str = ""


def message_id_of(parts: Sequence[Part]) -> str:
    """Return the id of a message: made of what it tells, and where."""
    return name_of("msg", parts[0].channel, *sorted(part.notice.notice_id for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for a channel, in numbers."""

    urgent: int = 0
    rest: int = 0
    #: waits for the end of quiet hours
    quiet: int = 0
    oldest_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a channel said when it took a message."""

    #: the channel's own name of it; "" = it has none
    receipt: str = ""
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
