"""NOTIFY: tell people through a channel; which channels there are is for others to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gwf.core.errors import ErrorClass
from gwf.core.settings.channels import Address, Mobile
from gwf.tasks.worker.catalog import shape_faults
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done, failed


class Notice(BaseModel):
    """What people are told, and through which channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[str, Field(min_length=1, max_length=100)]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(max_length=20_000)] = ""
    severity: Literal["info", "warn", "crit"] = "info"
    #: telephone numbers that a dingtalk robot calls by @, beside those of the channel
    mobiles: Annotated[tuple[Mobile, ...], Field(max_length=50)] = ()
    #: who gets a mail, beside those of the channel
    emails: Annotated[tuple[Address, ...], Field(max_length=100)] = ()


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


class Budgets(Protocol):
    """How many messages channels take, shared by all who send."""

    async def take(self, channel: str, key: str, *, urgent: bool, timeout_s: float) -> None:
        """Take a place for a message that is under way no longer than `timeout_s`; a part is kept for what is urgent.

        Raises:
            BudgetSpentError: There is none; `retry_after_s` says when there is.
        """
        ...

    async def ended(self, channel: str, key: str) -> None:
        """Say that the message is under way no more: its place is free a minute later."""
        ...


class NotifyAction:
    """See gwf.tasks.worker.contract.WorkAction."""

    kind = "NOTIFY"
    shape: type[BaseModel] = Notice

    def __init__(self, channels: Mapping[str, Channel], budgets: Budgets) -> None:
        """Tell people through these channels, by name, within their budgets."""
        self._channels = channels
        self._budgets = budgets

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
        key, urgent = f"{context.idempotency_key}/{context.attempt}", notice.severity == "crit"
        await self._budgets.take(notice.channel, key, urgent=urgent, timeout_s=context.timeout_s)
        try:
            receipt = await channel.send(notice, idempotency_key=context.idempotency_key)
        finally:
            await self._budgets.ended(notice.channel, key)
        return done(f"told {notice.channel}", {"message_id": receipt.message_id})

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:  # noqa: ARG002  # the contract's form
        """See the contract: what people were told they know."""
        return failed("what people were told cannot be taken back", ErrorClass.CONFIG, retryable=False)
