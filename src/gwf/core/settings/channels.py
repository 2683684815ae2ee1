"""Settings of channels: ways by which the centre tells people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from gwf.core.settings.draft import Loc
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Duration, Secret, StoreName

KINDS = ("dingtalk", "wecom", "feishu", "slack", "webhook", "email")
Kind = Literal["dingtalk", "wecom", "feishu", "slack", "webhook", "email"]
Address = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^\s<>,;@]+@[^\s<>,;@]+$")]
Mobile = Annotated[str, Field(pattern=r"^\+?[0-9][0-9-]{4,30}$")]


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
        if channel.kind != "email":
            if channel.url is None:
                yield (*at, "url"), f"a {channel.kind} channel needs the address of its receiver"
            continue
        for key, value in (("host", channel.host), ("sender", channel.sender), ("to", channel.to)):
            if not value:
                yield (*at, key), "an email channel needs it"
        if (channel.user is None) != (channel.password is None):
            yield (*at, "password"), "user and password belong together"
        if channel.tls == "none" and channel.host not in {"127.0.0.1", "::1", "localhost"}:
            yield (*at, "tls"), "mails would travel readable: write starttls or tls; none is for loopback only"
