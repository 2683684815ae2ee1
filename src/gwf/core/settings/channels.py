"""Settings of channels: ways by which the centre tells people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from gwf.core.settings.draft import Loc
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Duration, Secret, StoreName, TimeZone

KINDS = ("dingtalk", "wecom", "feishu", "slack", "webhook", "email")
Kind = Literal["dingtalk", "wecom", "feishu", "slack", "webhook", "email"]
Address = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^\s<>,;@]+@[^\s<>,;@]+$")]
Mobile = Annotated[str, Field(pattern=r"^\+?[0-9][0-9-]{4,30}$")]


TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SeverityWord = Literal["debug", "info", "notice", "warning", "error", "critical"]


class QuietSettings(Section):
    """A time in which a channel tells only what matters; the rest waits until it ends, and comes as one message."""

    #: it begins then, by the clocks of the channel's zone
    begin: TimeOfDay
    #: … and ends; an end before the begin lies on the next day
    end: TimeOfDay
    #: what is as bad as this is told all the same
    below: SeverityWord = "critical"
    #: days on which it begins; none = every day
    days: tuple[DayName, ...] = ()


class ChannelSettings(Section):
    """One way to people."""

    #: dingtalk, wecom, feishu or slack (robots of chats), webhook (signed JSON), or email
    kind: Kind
    #: address of the robot or receiver, with its token; not of email
    url: Secret | None = None
    #: signs requests: the robot's own signature (dingtalk, feishu), or x-gwf-signature (webhook)
    secret: Secret | None = None
    #: telephone numbers that a dingtalk robot calls by @
    mobiles: tuple[Mobile, ...] = Field(default=(), max_length=50)
    #: messages a minute; what is above waits. dingtalk takes 20 from a robot, then none for ten minutes
    per_minute: Count = Field(default=20, ge=1, le=6000)
    #: channel that tells alerts instead when this one fails; None = they wait until it works again
    fallback: StoreName | None = None
    #: how long this one fails until the other is told; one that refuses for good is not waited for
    fallback_after: Duration = Field(default=60.0, ge=0, le=86400)
    #: when alerts that matter less wait; None = never
    quiet: QuietSettings | None = None
    #: language of messages about alerts
    language: Literal["zh", "en"] = "zh"
    #: by whose clocks messages tell times; None = those of the host
    zone: TimeZone | None = None
    #: a webhook's receiver knows a message that comes again by its idempotency-key, and shows it once
    once: bool = True
    #: how long an answer may take
    timeout: Duration = Field(default=10.0, ge=1, le=120)
    #: mail server; of email only
    host: str | None = Field(default=None, min_length=1, max_length=255)
    #: its port; None = 465 with `tls: tls`, 587 with starttls, 25 with none
    port: Count | None = Field(default=None, ge=1, le=65535)
    #: tls from the first byte, starttls (refused where the server does not offer it), or none: loopback only
    tls: Literal["tls", "starttls", "none"] = "starttls"
    #: who logs in to the mail server; None = nobody
    user: str | None = Field(default=None, min_length=1, max_length=320)
    #: of `user`
    password: Secret | None = None
    #: sender of mails
    sender: Address | None = None
    #: who gets them
    to: tuple[Address, ...] = Field(default=(), max_length=100)


def channel_problems(channels: Mapping[StoreName, ChannelSettings]) -> Iterator[tuple[Loc, str]]:
    """Yield what does not fit together in a channel."""
    for name, channel in channels.items():
        at: Loc = ("server", "channels", name)
        for where, problem in (*_use_problems(name, channel, channels), *_way_problems(channel)):
            yield (*at, *where), problem


def _use_problems(
    name: str, channel: ChannelSettings, channels: Mapping[StoreName, ChannelSettings]
) -> Iterator[tuple[Loc, str]]:
    if channel.fallback is not None and channel.fallback not in channels:
        known = ", ".join(sorted(channels))
        yield ("fallback",), f"there is no such channel; there are: {known}"
    if channel.fallback == name:
        yield ("fallback",), "a channel cannot stand in for itself"
    if channel.quiet is not None and channel.quiet.begin == channel.quiet.end:
        yield ("quiet", "end"), "it ends when it begins: leave quiet out, or name another time"


def _way_problems(channel: ChannelSettings) -> Iterator[tuple[Loc, str]]:
    if channel.kind != "email":
        if channel.url is None:
            yield ("url",), f"a {channel.kind} channel needs the address of its receiver"
        return
    for key, value in (("host", channel.host), ("sender", channel.sender), ("to", channel.to)):
        if not value:
            yield (key,), "an email channel needs it"
    if (channel.user is None) != (channel.password is None):
        yield ("password",), "user and password belong together"
    if channel.tls == "none" and channel.host not in {"127.0.0.1", "::1", "localhost"}:
        yield ("tls",), "mails would travel readable: write starttls or tls; none is for loopback only"
