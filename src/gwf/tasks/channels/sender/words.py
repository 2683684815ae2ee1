"""What the centre and its sender say to each other: one JSON object a line."""

from __future__ import annotations

import msgspec
from pydantic import SecretStr

from gwf.alerts.delivery.model import Message
from gwf.core.errors import ErrorClass, GwfError
from gwf.core.settings.channels import ChannelSettings
from gwf.core.settings.server import ServerSettings, WebhookSettings

MAX_LINE_BYTES = 4 * 1024 * 1024
READY = 0  #: number of the first answer


class Setup(msgspec.Struct, frozen=True):
    """The first line to a sender: which channels there are, secrets included."""

    channels: dict[str, dict[str, object]]
    allow_networks: list[str]
    ca_file: str | None

    def settings(self) -> ServerSettings:
        """Return what of the centre's settings a sender needs."""
        channels = {name: ChannelSettings.model_validate(values) for name, values in self.channels.items()}
        hooks = {"allow_networks": self.allow_networks, "ca_file": self.ca_file}
        return ServerSettings(channels=channels, webhooks=WebhookSettings.model_validate(hooks))


class Order(msgspec.Struct, frozen=True):
    """A message to send."""

    number: int
    channel: str
    message: Message


class Refusal(msgspec.Struct, frozen=True):
    """Why it was not taken."""

    reason: str
    error_class: ErrorClass
    retryable: bool
    retry_after_s: float | None = None
    #: of a fault of ours
    trace: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What became of an order."""

    number: int
    receipt: str = ""
    refusal: Refusal | None = None
    #: why the receipt could not be noted; "" = it was
    unnoted: str = ""


def setup_of(settings: ServerSettings) -> Setup:
    """Return what a sender is told of the settings."""
    hooks = settings.webhooks
    return Setup(
        channels={name: _revealed(channel) for name, channel in settings.channels.items()},
        allow_networks=list(hooks.allow_networks),
        ca_file=None if hooks.ca_file is None else str(hooks.ca_file),
    )


def refusal_of(error: GwfError) -> Refusal:
    """Return an error as it is told."""
    return Refusal(
        reason=str(error),
        error_class=error.error_class,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
    )


def _revealed(channel: ChannelSettings) -> dict[str, object]:
    values = channel.model_dump()
    return {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in values.items()}
