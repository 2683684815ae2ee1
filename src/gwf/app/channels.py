"""Channels put together: ways to people as the settings name them, for tasks and for alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from gwf.alerts.delivery.model import ChannelRules, Message, Sent
from gwf.alerts.delivery.quiet import QuietHours
from gwf.core.clock import SystemClock
from gwf.core.errors import ConfigError
from gwf.core.settings.channels import ChannelSettings, QuietSettings
from gwf.core.settings.server import ServerSettings
from gwf.events.model import SEVERITY_OF_WORD, Severity
from gwf.rules.window import DAYS, Window, minutes_of
from gwf.storage.http1.dial import tls_context
from gwf.tasks.actions.notify import Channel, Notice
from gwf.tasks.actions.outward import Outward
from gwf.tasks.channels.chat import Ways
from gwf.tasks.channels.opened import open_channels
from gwf.tasks.channels.robots import MAX_TEXT_BYTES, MAX_WECOM_BYTES

UTC = ZoneInfo("UTC")


class Channels:
    """The channels of a process."""

    def __init__(self, settings: ServerSettings) -> None:
        """Open them; nothing is sent.

        Raises:
            ConfigError: The certificates for webhooks cannot be used.
        """
        ca_file = None if settings.webhooks.ca_file is None else str(settings.webhooks.ca_file)
        try:
            tls = tls_context(ca_file)
        except OSError as exc:
            problem = f"server.webhooks.ca_file: {ca_file}: {exc}"
            raise ConfigError("the certificates for webhooks cannot be used", problems=(problem,)) from exc
        ways = Ways(outward=Outward(settings.webhooks.allow_networks), tls=tls, clock=SystemClock())
        #: by name
        self.opened: Mapping[str, Channel] = open_channels(settings.channels, ways)
        self.per_minute = {name: channel.per_minute for name, channel in settings.channels.items()}
        self.zones = {name: zone_of(channel) for name, channel in settings.channels.items()}
        self.rules = {name: rules_of(name, channel, self.zones[name]) for name, channel in settings.channels.items()}

    def ways(self) -> Mapping[str, ChannelWay]:
        """Return the channels as alerts are delivered by them."""
        return {name: ChannelWay(name, channel) for name, channel in self.opened.items()}


class ChannelWay:
    """Speaks the port `gwf.alerts.delivery.ports.Way`."""

    def __init__(self, name: str, channel: Channel) -> None:
        """Send through a channel of tasks."""
        self._name = name
        self._channel = channel

    async def send(self, message: Message) -> Sent:
        """See the port."""
        notice = Notice(
            channel=self._name,
            title=message.title,
            text=message.text,
            severity=_word(message.severity),
            mobiles=message.mobiles,
            emails=message.emails,
        )
        receipt = await self._channel.send(notice, idempotency_key=message.message_id)
        return Sent(receipt=receipt.message_id)

    async def health_check(self) -> str:
        """See the port."""
        return await self._channel.health_check()


def rules_of(name: str, channel: ChannelSettings, zone: ZoneInfo) -> ChannelRules:
    """Return how a channel is to be used."""
    return ChannelRules(
        name=name,
        kind=channel.kind,
        per_minute=channel.per_minute,
        timeout_s=channel.timeout,
        max_text_bytes=MAX_WECOM_BYTES if channel.kind == "wecom" else MAX_TEXT_BYTES,
        language=channel.language,
        fallback=channel.fallback or "",
        fallback_after_s=channel.fallback_after,
        quiet=None if channel.quiet is None else _quiet(channel.quiet, zone),
        idempotent=channel.kind == "webhook" and channel.once,
    )


def zone_of(channel: ChannelSettings) -> ZoneInfo:
    """Return the zone by whose clocks a channel tells times."""
    if channel.zone is not None:
        return ZoneInfo(channel.zone)
    try:
        with open("/etc/localtime", "rb") as file:
            return ZoneInfo.from_file(file, key="local")
    except (OSError, ValueError):
        return UTC


def _quiet(settings: QuietSettings, zone: ZoneInfo) -> QuietHours:
    days = frozenset(DAYS.index(day) for day in settings.days) or frozenset(range(len(DAYS)))
    begin, end = minutes_of(settings.begin) or 0, minutes_of(settings.end) or 0
    window = Window(zone=zone, days=days, begin=begin, end=end)
    return QuietHours(window=window, below=SEVERITY_OF_WORD[settings.below])


def _word(severity: Severity) -> Literal["info", "warn", "crit"]:
    """Return how tasks call a severity."""
    if severity >= Severity.CRITICAL:
        return "crit"
    return "warn" if severity >= Severity.WARNING else "info"
