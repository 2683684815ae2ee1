"""NOTIFY: tell people through a channel; which channels there are is for others to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gwf.core.errors import ErrorClass
from gwf.tasks.worker.catalog import shape_faults
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done, failed


class Notice(BaseModel):
    """What people are told, and through which channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[str, Field(min_length=1, max_length=100)]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(max_length=20_000)] = ""
    severity: Literal["info", "warn", "crit"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel says when it took a notice."""

    #: the channel's own name of the message; "" = it has none
    message_id: str = ""


class Channel(Protocol):
    """One way to people, as a plug-in of notification."""

    async def send(self, notice: Notice, *, idempotency_key: str) -> Receipt:
        """Deliver a notice; with a key that was used before it is the same message.

        Raises:
            GwfError: It was not taken; `retryable` says whether another try may help.
        """
        ...

    async def health_check(self) -> str:
        """Return why the channel cannot be used now; "" = it can."""
        ...


class NotifyAction:
    """See gwf.tasks.worker.contract.WorkAction."""

    kind = "NOTIFY"
    shape: type[BaseModel] = Notice

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        """Tell people through these channels, by name."""
        self._channels = channels

    def validate(self, config: Config) -> Sequence[Fault]:
        """See the contract."""
        faults = shape_faults(Notice, config)
        if faults or config["channel"] in self._channels:
            return faults
        if not self._channels:
            say = "server.channels names none, so nobody would be told: add one there, or send a WEBHOOK"
            return [Fault(pointer="/channel", message=say, code="no_channels")]
        known = ", ".join(sorted(self._channels))
        return [Fault(pointer="/channel", message=f"there is no such channel; there are: {known}", code="no_channel")]

    def describe(self, config: Config) -> str:
        """See the contract."""
        return f"tell {config.get('channel')}: {config.get('title')}"

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        """See the contract."""
        notice = Notice.model_validate(config)
        channel = self._channels.get(notice.channel)
        if channel is None:
            return failed(f"there is no channel {notice.channel!r} any more", ErrorClass.CONFIG, retryable=False)
        receipt = await channel.send(notice, idempotency_key=context.idempotency_key)
        return done(f"told {notice.channel}", {"message_id": receipt.message_id})

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:  # noqa: ARG002  # the contract's form
        """See the contract: what people were told they know."""
        return failed("what people were told cannot be taken back", ErrorClass.CONFIG, retryable=False)
