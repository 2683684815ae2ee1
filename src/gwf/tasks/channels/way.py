"""Channels as alerts are delivered by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gwf.alerts.delivery.model import Message, Sent
from gwf.core.clock import SystemClock
from gwf.core.errors import ConfigError
from gwf.core.settings.server import ServerSettings
from gwf.events.model import Severity
from gwf.storage.http1.dial import tls_context
from gwf.tasks.actions.notify import Channel, Notice
from gwf.tasks.actions.outward import Outward
from gwf.tasks.channels.chat import Ways
from gwf.tasks.channels.opened import open_channels


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


def channels_of(settings: ServerSettings) -> Mapping[str, Channel]:
    """Return the channels of the settings by name; nothing is sent.

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
    return open_channels(settings.channels, ways)


def _word(severity: Severity) -> Literal["info", "warn", "crit"]:
    """Return how tasks call a severity."""
    if severity >= Severity.CRITICAL:
        return "crit"
    return "warn" if severity >= Severity.WARNING else "info"
