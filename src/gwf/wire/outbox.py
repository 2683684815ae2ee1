"""What an agent sends of its history, and what the centre answers."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, field

from gwf.wire.agents import Answered, Code, Count, Epoch, Instant, Sent

MAX_EVENTS = 2_000  #: in one batch
MAX_BATCH_BYTES = 4 * 1024 * 1024  #: of one batch as JSON, before it is packed with gzip


class OutboxFile(Sent, kw_only=True):
    """Which version of which file an event is about."""

    #: row of the agent's journal; names a path for as long as its epoch lasts
    id: Count
    #: grows with each version of the same path
    gen: Count


class OutboxEvent(Sent, kw_only=True):
    """One row of the agent's outbox."""

    seq: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    #: when it was written, by the agent's clock
    at: Instant
    #: such as file.done, breaker.opened, config.changed
    kind: Code
    #: None for what is about no single file
    file: OutboxFile | None = None
    #: of a file: path, store, key, size_bytes, etag, sha256, attempt, duration_ms, error_class, error_code, message …
    body: dict[str, Any] = field(default_factory=dict)


class OutboxBatch(Sent, kw_only=True):
    """Body of POST /api/v1/agents/self/outbox (Content-Encoding: gzip), with the credential as Bearer."""

    epoch: Epoch
    #: in the order of `seq`, without a gap; the first one follows the last that the centre acknowledged
    events: Annotated[list[OutboxEvent], Meta(min_length=1, max_length=MAX_EVENTS)]
    #: rows before the first one here were dropped unsent: the centre takes the batch across the gap and tells of it
    lost_before: bool = False


class RejectedEvent(Answered, kw_only=True):
    """An event that the centre will never take; it counts as acknowledged."""

    seq: int
    code: str
    message: str


class OutboxAck(Answered, kw_only=True):
    """Answer of a batch (200)."""

    #: everything up to here is stored or rejected for good
    acked_seq: int
    rejected: list[RejectedEvent] = field(default_factory=list)
