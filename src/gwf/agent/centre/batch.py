"""Makes a batch of events as the centre takes it: no more events and no more bytes than the protocol allows. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from gwf.agent.centre.heartbeat import code_of, instant
from gwf.agent.journal.reporting import Told
from gwf.wire.outbox import MAX_BATCH_BYTES, MAX_EVENTS, OutboxEvent, OutboxFile

MAX_EVENT_BYTES = 256 * 1024  #: a larger body is replaced by what it is about
MAX_DIGITS = 18  #: of a number that every reader takes as it is
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
    try:
        piece = msgspec.json.encode(_event(told, told.body))
    except (UnicodeEncodeError, OverflowError):  # half a surrogate pair from a name of a file, a number beyond 64 bits
        told = replace(told, body=_plain(told.body))
        piece = msgspec.json.encode(_event(told, told.body))
    if len(piece) <= MAX_EVENT_BYTES:
        return piece
    cut: dict[str, object] = {
        name: value[:4096] if isinstance(value, str) else value
        for name in _KEPT
        if isinstance(value := told.body.get(name), (str, int, float))
    }
    return msgspec.json.encode(_event(told, {**cut, "truncated": True}))


def _plain(body: dict[str, object]) -> dict[str, object]:
    """Return a body that every JSON reader takes: what is no Unicode becomes `?`, huge numbers become text."""
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    plain: dict[str, object] = json.loads(text, parse_int=_number)
    return plain


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _event(told: Told, body: dict[str, object]) -> OutboxEvent:
    file = None if told.file is None else OutboxFile(id=told.file[0], gen=told.file[1])
    return OutboxEvent(seq=told.number, at=instant(told.at_ms), kind=code_of(told.kind), file=file, body=body)
