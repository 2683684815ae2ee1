"""POST /api/v1/agents/self/outbox: agents hand over what happened; asked very often, so it is decoded by msgspec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.bodies import BadBodyError, declared_bytes, decoded, place_of, read_body
from gwf.api.centre import HotRoute
from gwf.ingest.model import MAX_BODY_BYTES, OutboxRow, RejectedRow, Sender
from gwf.ingest.outbox import kept_text, plausible, ready_batch
from gwf.ingest.service import IngestService
from gwf.wire.outbox import MAX_EVENTS, OutboxAck, OutboxBatch, OutboxEvent, OutboxFile, RejectedEvent

_PACKED = 8  #: a gzip batch is taken for so much larger when it is unpacked


class AgentDoor(Protocol):
    """Recognises agents."""

    async def sender(self, request: Request) -> Sender:
        """Return the agent whose credential came with a request.

        Raises:
            DeniedError: No agent has this credential, or it was revoked.
            UnavailableError: The database did not answer.
        """
        ...


class _Loose(msgspec.Struct, kw_only=True):
    """A batch of which single events may be wrong."""

    epoch: str
    events: list[msgspec.Raw]
    lost_before: bool = False


class _Numbered(msgspec.Struct):
    """The least that an event needs to be set aside."""

    seq: int


_BATCH = msgspec.json.Decoder(OutboxBatch)
_LOOSE = msgspec.json.Decoder(_Loose)
_EVENT = msgspec.json.Decoder(OutboxEvent)
_NUMBERED = msgspec.json.Decoder(_Numbered)
_encode = msgspec.json.Encoder().encode


class Outbox:
    """The endpoint."""

    def __init__(self, ingest: IngestService, door: AgentDoor) -> None:
        """Hand what agents send to `ingest`."""
        self._ingest = ingest
        self._door = door

    async def take(self, request: Request) -> Response:
        """Store a batch once and say up to where everything is stored.

        Raises:
            GwfError: The batch was not taken; the problem says why.
        """
        sender = await self._door.sender(request)
        with self._ingest.admitted(_expected_bytes(request)):
            batch, faults = read_batch(await read_body(request, max_bytes=MAX_BODY_BYTES))
            now_ms = self._ingest.now_ms()
            rows = [plausible(row, now_ms=now_ms) for row in rows_of(batch.events)]
            ready = ready_batch(sender, batch.epoch, rows, faults=faults, lost_before=batch.lost_before)
            taken = await self._ingest.take_batch(ready)
        rejected = [RejectedEvent(seq=row.seq, code=row.code, message=row.message) for row in taken.rejected]
        body = _encode(OutboxAck(acked_seq=taken.acked_seq, rejected=rejected))
        return Response(body, media_type="application/json")


def read_batch(body: bytes) -> tuple[OutboxBatch, list[RejectedRow]]:
    """Return the batch and those of its rows that could not be read.

    Raises:
        BadBodyError: It is no batch, or a row does not even tell its number.
    """
    try:
        return decoded(_BATCH, body), []
    except BadBodyError as exc:
        if not exc.field.pointer.startswith("/body/events/"):
            raise
        return _read_singly(body)


def _read_singly(body: bytes) -> tuple[OutboxBatch, list[RejectedRow]]:
    loose = decoded(_LOOSE, body)
    if len(loose.events) > MAX_EVENTS:
        raise BadBodyError(f"at most {MAX_EVENTS} events", pointer="/body/events", code="too_many")
    events: list[OutboxEvent] = []
    faults: list[RejectedRow] = []
    for at, raw in enumerate(loose.events):
        try:
            events.append(_EVENT.decode(raw))
        except msgspec.ValidationError as exc:
            what, pointer = place_of(str(exc))
            seq = _number(raw, at)
            faults.append(RejectedRow(seq, "bad_event", f"{pointer[len('/body/') :]}: {what}", _text(raw)))
    return OutboxBatch(epoch=loose.epoch, events=events, lost_before=loose.lost_before), faults


def _number(raw: msgspec.Raw, at: int) -> int:
    try:
        seq = _NUMBERED.decode(raw).seq
    except msgspec.ValidationError as exc:
        what, pointer = place_of(str(exc))
        raise BadBodyError(what, pointer=f"/body/events/{at}{pointer[len('/body') :]}", code="wrong_form") from exc
    if not 1 <= seq < 2**63:
        raise BadBodyError("a number from 1 is needed", pointer=f"/body/events/{at}/seq", code="out_of_range")
    return seq


def _text(raw: msgspec.Raw) -> str:
    return kept_text(bytes(raw).decode("utf-8", "replace"))


def rows_of(events: Sequence[OutboxEvent]) -> list[OutboxRow]:
    """Return the rows that events are."""
    return [
        OutboxRow(event.seq, round(event.at.timestamp() * 1000), event.kind, *_version(event.file), event.body)
        for event in events
    ]


def _version(file: OutboxFile | None) -> tuple[int | None, int]:
    return (None, 0) if file is None else (file.id, file.gen)


def _expected_bytes(request: Request) -> int:
    declared = declared_bytes(request) or MAX_BODY_BYTES
    packed = "gzip" in request.headers.get("content-encoding", "")
    return min(MAX_BODY_BYTES, declared * _PACKED if packed else declared)


def outbox_route(ingest: IngestService, door: AgentDoor) -> HotRoute:
    """Return the route that takes the agents' outbox."""
    _, schemas = msgspec.json.schema_components([OutboxBatch, OutboxAck], ref_template="#/components/schemas/{name}")
    outbox = Outbox(ingest, door)

    async def take_outbox(request: Request) -> Response:
        return await outbox.take(request)

    return HotRoute(
        path="/api/v1/agents/self/outbox",
        method="POST",
        endpoint=take_outbox,
        permission=None,
        operation=_OPERATION,
        responses=_RESPONSES,
        schemas=schemas,
        max_body_bytes=MAX_BODY_BYTES,
    )


_JSON = "application/json"
_OPERATION: dict[str, Any] = {
    "tags": ["agents"],
    "summary": "Hand over what happened on the agent's host, once and in order",
    "description": (
        "With the agent's credential as Bearer; the body may be packed with gzip. Each (epoch, seq) is stored once, "
        "whatever is sent again. Single events that cannot be taken are named in `rejected` and kept aside; the others "
        "are stored. 409 `outbox_gap` names the `expected_seq` in its params. 429 and 503 come with Retry-After."
    ),
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/OutboxBatch"}}},
    },
}
_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "Stored, up to `acked_seq`",
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/OutboxAck"}}},
    }
}
