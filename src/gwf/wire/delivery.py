"""Channels, notices and messages as the API shows them; texts of messages as people write them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gwf.wire.alerts import NoticeKindName
from gwf.wire.edge import Wire
from gwf.wire.events import SeverityName

ChannelKindName = Literal["dingtalk", "wecom", "feishu", "slack", "webhook", "email"]
#: untried: nothing was sent yet; failing: the last try failed; waiting: the service asked to wait
ChannelStateName = Literal["ok", "untried", "failing", "waiting"]
NoticeStateName = Literal["waiting", "planned", "sent", "failed", "nobody"]
PartStateName = Literal["waiting", "taken", "sent", "moved", "failed"]
MessageStateName = Literal["waiting", "sending", "sent", "moved", "failed"]
TemplateKindName = Literal["firing", "resolved", "repeat", "escalation", "digest"]


class QuietView(Wire):
    """When a channel tells only what matters."""

    begin: str
    end: str
    below: SeverityName
    zone: str
    #: until when it is quiet now; None = it is not
    until: str | None


class ChannelView(Wire):
    """A way to people: how it does, and what it may still be sent."""

    name: str
    kind: ChannelKindName
    state: ChannelStateName
    #: messages that it takes a minute, and how many of these are left now
    per_minute: int
    left: int
    #: notices that wait for it: critical ones, others, and such as wait for the end of quiet hours
    waiting_urgent: int
    waiting_rest: int
    waiting_quiet: int
    #: moment of the oldest of them, of quiet ones not; None = none waits
    oldest_waiting_at: str | None
    #: messages of the last 24 hours: that arrived, and that failed for good
    sent_day: int
    failed_day: int
    last_ok_at: str | None
    last_failed_at: str | None
    #: since when no message got through; None = the last one did
    down_since: str | None
    #: messages that failed since then
    failures: int
    #: nothing is sent before
    blocked_until: str | None
    #: of the last failure; "" = none since it worked
    error: str
    error_class: str
    #: channel that is told instead, "" = none, and after how long
    fallback: str
    fallback_after_s: float
    quiet: QuietView | None
    language: Literal["zh", "en"]
    zone: str
    #: a message that comes again under one id is shown once
    idempotent: bool


class ChannelList(Wire):
    """All channels."""

    items: list[ChannelView]
    as_of: str


class ChannelCheck(Wire):
    """Whether a channel can be reached; nobody was told anything."""

    #: why not; "" = it can
    problem: str


class TestOrder(Wire):
    """A message to try a channel with."""

    #: "" = a text that says it is a test
    text: str = Field(default="", max_length=2_000)
    reason: str = Field(default="", max_length=500)


class MessageItem(Wire):
    """What a channel was sent."""

    message_id: str
    channel: str
    state: MessageStateName
    title: str
    severity: SeverityName
    #: critical: it went before others
    urgent: bool
    #: notices in it; 0 = a test
    notices: int
    attempts: int
    #: a try ended without anybody knowing how: it may have come twice
    unsure: bool
    #: the channel's own name of it; "" = it has none
    receipt: str
    error: str
    error_class: str
    next_try_at: str | None
    created_at: str
    sent_at: str | None


class MessagePage(Wire):
    """Messages, the newest first."""

    items: list[MessageItem]
    next_cursor: str | None
    as_of: str


class PartView(Wire):
    """A notice on its way through one channel."""

    channel: str
    state: PartStateName
    #: later than the notice in quiet hours
    due_at: str
    #: people who are called by name
    people: list[str]
    #: channel that this one stands in for; "" = none
    instead_of: str
    message: MessageItem | None


class NoticeView(Wire):
    """What there was to tell, and what became of it on each channel."""

    notice_id: str
    kind: NoticeKindName
    at: str
    severity: SeverityName
    #: of the chain, from 0
    level: int
    receivers: list[str]
    rule_id: str
    rule_name: str
    title: str
    new: int
    ended: int
    others: int
    state: NoticeStateName
    parts: list[PartView]


class NoticePage(Wire):
    """Notices, the newest first."""

    items: list[NoticeView]
    next_cursor: str | None
    as_of: str


class MessageDetail(MessageItem):
    """A message with its text and the notices that it tells, the worst first, at most 500."""

    text: str
    mobiles: list[str]
    emails: list[str]
    told: list[str]


class TemplateText(Wire):
    """Title and text of a kind of messages, with places such as `${rule}`."""

    title: str = Field(max_length=300)
    text: str = Field(max_length=4_000)


class TemplateWish(TemplateText):
    """A text that people want, and why."""

    reason: str = Field(default="", max_length=500)


class TemplateView(TemplateText):
    """The text of a kind of messages."""

    kind: TemplateKindName
    #: nobody wrote one: it is the one that comes with the program, in the language of the channel
    is_default: bool
    revision: int
    by: str
    updated_at: str | None
    #: what its places may be, each with what it stands for
    fields: dict[str, str]


class TemplateList(Wire):
    """Texts of all kinds of messages."""

    items: list[TemplateView]


class PreviewOrder(TemplateText):
    """A text to be tried."""

    kind: TemplateKindName
    #: written as for this channel; "" = as for one in Chinese with times in UTC
    channel: str = Field(default="", max_length=64)
    #: filled with what this notice tells; "" = with an example
    notice_id: Annotated[str, Field(max_length=40, pattern=r"^(ntc_[0-9a-f]{24})?$")] = ""


class PreviewView(Wire):
    """How a message would read."""

    title: str
    text: str
    #: bytes of both, and how many the channel takes
    size_bytes: int
    max_bytes: int
