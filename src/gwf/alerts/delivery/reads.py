"""What people see of the delivery, and the port that reads and keeps it."""

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
    NoticeState,
    OutboxNotice,
    Part,
    PartState,
    Waiting,
)
from gwf.alerts.delivery.ports import DeliveryChange
from gwf.audit.model import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """How a channel does, and what waits for it."""

    health: ChannelHealth
    spends: Sequence[Spend]
    waiting: Waiting
    #: messages of the last day
    sent_day: int = 0
    failed_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message, and what became of it."""

    message: Message
    state: MessageState
    receipt: str
    error: str
    error_class: str
    next_at_ms: int | None
    sent_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPart:
    """A part, what became of it, and the message it belongs to."""

    part: Part
    state: PartState
    message: KeptMessage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """A notice, and what became of it on each channel."""

    notice: OutboxNotice
    state: NoticeState
    parts: Sequence[KeptPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTemplate:
    """A text that people wrote."""

    kind: str
    title: str
    text: str
    revision: int
    by: str
    updated_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Which notices or messages are wanted; empty = any."""

    states: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None


class DeliveryReads(Protocol):
    """One look at the delivery."""

    async def facts(self, channel: str, *, now_ms: int) -> ChannelFacts:
        """Return how a channel does."""
        ...

    async def notices(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptNotice]:
        """Return notices, the newest first."""
        ...

    async def notice(self, tenant: str, notice_id: str) -> KeptNotice | None:
        """Return a notice."""
        ...

    async def messages(
        self, tenant: str, wanted: Narrow, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[KeptMessage]:
        """Return messages, the newest first."""
        ...

    async def message(self, tenant: str, message_id: str) -> KeptMessage | None:
        """Return a message."""
        ...

    async def told(self, message_id: str, *, limit: int) -> Sequence[str]:
        """Return the notices of a message, the worst first."""
        ...

    async def written(self, tenant: str) -> Sequence[KeptTemplate]:
        """Return the texts that people wrote."""
        ...

    async def health_of_all(self) -> Mapping[str, ChannelHealth]:
        """Return by name how channels do that were ever used."""
        ...


class DeskChange(DeliveryReads, DeliveryChange, Protocol):
    """A transaction of people."""

    async def again(self, message: Message, *, now_ms: int) -> bool:
        """Let a message that needs a person be tried now, with its notices; tell whether it was such a one."""
        ...

    async def give_up(self, message: Message, *, now_ms: int) -> bool:
        """Have a message that needs a person never sent, and its notices with it; tell whether it was such a one."""
        ...

    async def write(self, tenant: str, template: KeptTemplate) -> None:
        """Keep a text."""
        ...

    async def unwrite(self, tenant: str, kind: str) -> None:
        """Give a text up: the one of the program counts again."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        ...


class DeskStore(Protocol):
    """Where people look at the delivery."""

    def view(self) -> AbstractAsyncContextManager[DeliveryReads]:
        """Read one state."""
        ...

    def desk(self) -> AbstractAsyncContextManager[DeskChange]:
        """Begin a transaction of people."""
        ...
