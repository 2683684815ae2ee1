"""Channels put together: ways to people as the settings name them, for tasks and for alerts."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from gwf.alerts.delivery.model import ChannelRules
from gwf.alerts.delivery.quiet import QuietHours
from gwf.core.settings.channels import ChannelSettings, QuietSettings
from gwf.core.settings.server import ServerSettings
from gwf.events.model import SEVERITY_OF_WORD
from gwf.rules.window import DAYS, Window, minutes_of
from gwf.tasks.actions.notify import Channel
from gwf.tasks.channels.robots import MAX_TEXT_BYTES, MAX_WECOM_BYTES
from gwf.tasks.channels.way import channels_of

UTC = ZoneInfo("UTC")


class Channels:
    """The channels of a process."""

    def __init__(self, settings: ServerSettings) -> None:
        """Open them; nothing is sent.

        Raises:
            ConfigError: The certificates for webhooks cannot be used.
        """
        #: by name
        self.opened: Mapping[str, Channel] = channels_of(settings)
        self.per_minute = {name: channel.per_minute for name, channel in settings.channels.items()}
        self.zones = {name: zone_of(channel) for name, channel in settings.channels.items()}
        self.rules = {name: rules_of(name, channel, self.zones[name]) for name, channel in settings.channels.items()}


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
