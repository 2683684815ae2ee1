"""Reads once more what was set aside, perhaps changed by a person, and makes a batch of one row of it. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from gwf.core.errors import InputError
from gwf.ingest.model import OutboxBatch, OutboxRow, Sender
from gwf.ingest.outbox import plausible, ready_batch

_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class UnreadableRowError(InputError):
    """The row cannot be taken in as it is; the message says where it is wrong."""

    code = "bad_event"


class _File(msgspec.Struct):
    id: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    gen: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    """A row as a person sees and changes it."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[a-z0-9_.]+$")]
    at_ms: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    body: dict[str, Any]
    file: _File | None = None


def document_of(content: str, *, at_ms: int) -> Mapping[str, Any]:
    """Return what was set aside as a document to change: kind, at_ms, file, body; parts that are no such stay.

    `at_ms` stands in where no time can be read. A text that is no JSON object is the whole of `body` under `text`.
    """
    value = _object_of(content)
    if value is None:
        return {"kind": "", "at_ms": at_ms, "file": None, "body": {"text": content}}
    file = value.get("file")
    if file is None and value.get("file_id") is not None:
        file = {"id": value["file_id"], "gen": value.get("gen", 0)}
    return {
        "kind": value.get("kind", ""),
        "at_ms": value["at_ms"] if "at_ms" in value else _instant(value.get("at"), at_ms),
        "file": file,
        "body": value.get("body", {}),
    }


def batch_of(sender: Sender, place: tuple[str, int], document: Mapping[str, Any], *, now_ms: int) -> OutboxBatch:
    """Return the batch of the one row that a document describes; `place` is its epoch and number.

    Raises:
        UnreadableRowError: It still cannot be taken in.
    """
    epoch, seq = place
    try:
        row = msgspec.convert(document, _Row)
    except msgspec.ValidationError as exc:
        raise UnreadableRowError("this is no event that can be read", why=str(exc), field="edit/event") from exc
    file = row.file
    told = OutboxRow(
        seq, row.at_ms, row.kind, None if file is None else file.id, 0 if file is None else file.gen, row.body
    )
    batch = ready_batch(sender, epoch, [plausible(told, now_ms=now_ms)], faults=[], lost_before=False)
    if batch.rejected:
        raise UnreadableRowError("this is no event that can be read", why=batch.rejected[0].message, field="edit/event")
    return batch


def _object_of(content: str) -> dict[str, Any] | None:
    """Return a JSON object, also one whose text stands in a JSON text; None when it is neither."""
    try:
        value: object = json.loads(content)
        return msgspec.convert(json.loads(value) if isinstance(value, str) else value, dict[str, Any])
    except ValueError:
        return None


def _instant(value: object, otherwise_ms: int) -> int:
    try:
        return round(msgspec.convert(value, _Moment).timestamp() * 1000)
    except msgspec.ValidationError:
        return otherwise_ms
