"""Words and values of the ingest: who sends, what is to be stored, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gwf.events.files import FileEvent
from gwf.events.model import Event
from gwf.ingest.mark import Gap, Take

MAX_OUTBOX_EVENTS = 2_000  #: in one batch
MAX_BODY_BYTES = 4 * 1024 * 1024  #: of one request, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The agent whose outbox it is."""

    tenant: str
    agent_id: str
    #: as the centre knows them now; kept with every file event
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


class OutboxRow(NamedTuple):
    """One row of an agent's outbox as it was sent."""

    seq: int
    at_ms: int
    kind: str
    #: row of the agent's journal; None for what is about no single file
    file_id: int | None
    gen: int
    body: Mapping[str, Any]


class RejectedRow(NamedTuple):
    """A row that will never be taken as it is; it is kept aside with the reason."""

    seq: int
    code: str
    message: str
    #: as it was sent, JSON text, cut off at a limit
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxBatch:
    """A batch, checked and made ready to be stored; its rows follow each other without a gap."""

    sender: Sender
    epoch: str
    first_seq: int
    last_seq: int
    #: rows before it were dropped unsent
    lost_before: bool
    #: in the order of seq
    files: Sequence[FileEvent]
    #: (seq, event) in the order of seq: what is about no single file
    events: Sequence[tuple[int, Event]]
    rejected: Sequence[RejectedRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one transaction stored."""

    #: for each batch: which part was new, or that it was refused
    placed: Sequence[Take | Gap]
    #: for each event: whether it was new
    fresh: Sequence[bool]
    #: names what was stored, for the rules; None = nothing new
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxTaken:
    """What an agent is told."""

    #: everything up to here is stored durably, or kept aside for good
    acked_seq: int
    #: everything up to here is known; more than `acked_seq` while nothing is stored durably
    seen_seq: int
    rejected: Sequence[RejectedRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsTaken:
    """What came of events that were sent to be stored."""

    accepted: int
    #: known already
    duplicates: int
