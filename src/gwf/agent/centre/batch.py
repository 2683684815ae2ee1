"""Makes a batch of events as the centre takes it: no more events and no more bytes than the protocol allows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gwf.agent.centre.heartbeat import code_of, instant
from gwf.agent.journal.reporting import Told
from gwf.wire.outbox import MAX_BATCH_BYTES, MAX_EVENTS, OutboxEvent, OutboxFile

MAX_EVENT_BYTES = 256 * 1024  #: a larger body is replaced by what it is about
_KEPT = ("path", "store", "key", "size_bytes", "code", "hash", "error_class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Encoded events, in order and without a gap."""

    content: bytes
    first: int
    last: int
    events: int


def batch_of(epoch: str, told: Sequence[Told], *, lost_before: bool) -> Batch:
    """Return the first of `told` (at least one) that fit into one batch."""
    ending = b'],"lost_before":true}' if lost_before else b"]}"
    head = b'{"epoch":' + msgspec.json.encode(epoch) + b',"events":['
    pieces: list[bytes] = []
    left = MAX_BATCH_BYTES - len(head) - len(ending)
    for item in told[:MAX_EVENTS]:
        piece = _encoded(item)
        left -= len(piece) + 1
        if left < 0:
            break
        pieces.append(piece)
    content = head + b",".join(pieces) + ending
    return Batch(content=content, first=told[0].number, last=told[len(pieces) - 1].number, events=len(pieces))


def _encoded(told: Told) -> bytes:
    piece = msgspec.json.encode(_event(told, told.body))
    if len(piece) <= MAX_EVENT_BYTES:
        return piece
    cut: dict[str, object] = {
        name: value[:4096] if isinstance(value, str) else value
        for name in _KEPT
        if isinstance(value := told.body.get(name), (str, int, float))
    }
    return msgspec.json.encode(_event(told, {**cut, "truncated": True}))


def _event(told: Told, body: dict[str, object]) -> OutboxEvent:
    file = None if told.file is None else OutboxFile(id=told.file[0], gen=told.file[1])
    return OutboxEvent(seq=told.number, at=instant(told.at_ms), kind=code_of(told.kind), file=file, body=body)
