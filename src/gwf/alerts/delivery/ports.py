"""What the delivery needs from outside: rows that survive, ways to people, the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gwf.alerts.delivery.budget import Spend
from gwf.alerts.delivery.model import (
    ChannelHealth,
    Message,
    MessageState,
    OutboxNotice,
    Part,
    Sent,
)
from gwf.alerts.delivery.template import MessageTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A message whose sending is written down, about to be sent."""

    message: Message
    #: names the place of the budget that it takes
    spend_id: str


def spend_id_of(message: Message) -> str:
    """Return the name of the place that the newest try of a message takes."""
    return f"{message.message_id}/{message.attempts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a try ended that did not succeed."""

    error: str
    error_class: str
    state: MessageState
    #: of a message that is tried again
    next_at_ms: int | None = None
    #: it may have arrived all the same
    unsure: bool = False


class DeliveryChange(Protocol):
    """One transaction of the delivery."""

    async def outbox(self, *, now_ms: int, limit: int) -> Sequence[OutboxNotice]:
        """Return notices of the outbox whose channels are not known yet, the most severe first."""
        ...

    async def plan(self, parts: Sequence[Part], *, nobody: Sequence[str], now_ms: int) -> None:
        """Keep through which channels notices go, and those that reach nobody. Repeating it changes nothing."""
        ...

    async def lock(self, channel: str) -> None:
        """Let nobody else take places of a channel's budget until the transaction ends."""
        ...

    async def health(self, channel: str) -> ChannelHealth:
        """Return how a channel does."""
        ...

    async def keep_health(self, channel: str, health: ChannelHealth) -> None:
        """Keep how a channel does."""
        ...

    async def spends(self, channel: str, *, now_ms: int) -> Sequence[Spend]:
        """Return what the service may still count; what it does not is forgotten."""
        ...

    async def due_again(self, channel: str, *, urgent: bool, now_ms: int) -> Message | None:
        """Return the message that waits longest for another try whose moment has come."""
        ...

    async def waiting(self, channel: str, *, urgent: bool, now_ms: int, limit: int) -> Sequence[Part]:
        """Return parts that are due and belong to no message, the worst first."""
        ...

    async def begin(self, message: Message, parts: Sequence[Part], *, now_ms: int, until_ms: int) -> Began:
        """Write down that a message is sent now: a new one with its parts, or another try of one that is there.

        Raises:
            ConflictError: Somebody else has taken one of the parts.
        """
        ...

    async def sent(self, began: Began, sent: Sent, *, now_ms: int) -> None:
        """Write down that a message arrived; its notices are told once all of their parts are."""
        ...

    async def tried(self, began: Began, tried: Tried, *, now_ms: int) -> None:
        """Write down that a try failed."""
        ...

    async def need_person(self, message: Message, tried: Tried, *, now_ms: int) -> None:
        """Put a message on the desk of dead letters, unless another channel tells all of it; tests never are there."""
        ...

    async def sending(self, ids: Sequence[str]) -> Sequence[Message]:
        """Return those of some messages that count as under way."""
        ...

    async def adopt(self, *, now_ms: int, alone: bool) -> int:
        """Let messages wait again whose sender is gone; `alone` says that no other process can be sending."""
        ...

    async def stuck(self, channel: str, *, since_ms: int, limit: int) -> Sequence[Part]:
        """Return parts that wait, or whose message does, and were due before a moment; not such as stand in."""
        ...

    async def parts_in(self, message_id: str) -> Sequence[Part]:
        """Return the parts of a message that are not told."""
        ...

    async def move(self, parts: Sequence[Part], *, now_ms: int) -> None:
        """Let other channels tell what their parts stand in for; a notice that goes there anyway is told once."""
        ...

    async def fail_strangers(self, known: Sequence[str], *, now_ms: int) -> int:
        """Give up what waits for channels that are not known any more; return how many parts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What waits for a channel."""

    channel: str
    #: of parts and of messages that are tried again
    next_at_ms: int


class DeliveryStore(Protocol):
    """Where the delivery keeps everything."""

    def change(self) -> AbstractAsyncContextManager[DeliveryChange]:
        """Begin a transaction."""
        ...

    async def has_outbox(self, *, now_ms: int) -> bool:
        """Tell whether notices wait whose channels are not known yet."""
        ...

    async def has_lost(self, *, now_ms: int) -> bool:
        """Tell whether something is on its way that must have ended by now: whoever sent it is gone."""
        ...

    async def due(self) -> Sequence[Due]:
        """Return the channels that something waits for."""
        ...

    async def templates(self) -> Mapping[str, Mapping[str, MessageTemplate]]:
        """Return the texts that people wrote, by tenant and kind."""
        ...


class Way(Protocol):
    """One way to people."""

    async def send(self, message: Message) -> Sent:
        """Deliver a message; under an id that was used before it is the same message.

        Raises:
            GwfError: It was not taken; `retryable` says whether another try may help.
        """
        ...

    async def health_check(self) -> str:
        """Return why the channel cannot be used now; "" = it can. Nobody is told anything."""
        ...


class Lead(Protocol):
    """Lets one of several servers deliver."""

    async def is_mine(self) -> bool:
        """Take or keep the lead; tell whether it is ours for the next seconds."""
        ...
