"""POST /api/v1/events: takes CloudEvents in their structured, batched and binary form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.bodies import BadBodyError, UnsupportedBodyError, declared_bytes, decoded, read_body
from gwf.api.centre import HotRoute
from gwf.api.principal import Permission, permitted
from gwf.api.problems import problem_response
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.events.model import Event
from gwf.ingest.cloudevents import BATCH, HEADER, MAX_BATCH_EVENTS, SINGLE, FaultError, binary_event, parse_event
from gwf.ingest.inputs.doors import CLOUDEVENTS
from gwf.ingest.inputs.metrics import Fate
from gwf.ingest.inputs.news import InputNews
from gwf.ingest.model import MAX_BODY_BYTES, EventsTaken
from gwf.ingest.service import IngestService
from gwf.wire.events import EventsTakenView, RejectedItem
from gwf.wire.problem import ProblemField

MAX_SHOWN = 100  #: rejected events that a problem lists

_ANY = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One event of a request: its JSON form and where it stands."""

    value: object
    #: JSON pointer of the event; attributes are below it
    pointer: str


class CloudEvents:
    """The endpoint."""

    def __init__(self, ingest: IngestService, clock: Clock, news: InputNews) -> None:
        """Hand what comes to `ingest`, and tell `news` how it went."""
        self._news = news
        self._ingest = ingest
        self._clock = clock

    async def take(self, request: Request) -> Response:
        """Store the events that are new and say which were not taken.

        Raises:
            GwfError: Nothing was taken; the problem says why.
        """
        who = permitted(request, Permission.EVENTS_WRITE)
        with self._ingest.admitted(min(MAX_BODY_BYTES, declared_bytes(request) or MAX_BODY_BYTES)):
            sent = self._read(request, who.tenant, await read_body(request, max_bytes=MAX_BODY_BYTES))
            events, rejected = _parsed(sent, tenant=who.tenant, now_ms=self._clock.now_ms())
            for one in rejected[-1:]:
                self._news.count(CLOUDEVENTS, who.tenant, Fate.REJECTED, events=len(rejected))
                self._news.fail(CLOUDEVENTS, who.tenant, f"{one.pointer}: {one.message}")
            if rejected and not events:
                return _nothing_taken(request, rejected)
            taken = await self._taken(who.tenant, events)
        view = EventsTakenView(accepted=taken.accepted, duplicates=taken.duplicates, rejected=rejected)
        return Response(view.model_dump_json(), media_type="application/json")

    def _read(self, request: Request, tenant: str, body: bytes) -> Sequence[_Sent]:
        try:
            return _sent(request, body)
        except GwfError as exc:
            self._news.count(CLOUDEVENTS, tenant, Fate.REJECTED)
            self._news.fail(CLOUDEVENTS, tenant, str(exc))
            raise

    async def _taken(self, tenant: str, events: Sequence[Event]) -> EventsTaken:
        try:
            taken = await self._ingest.take_events(events)
        except GwfError as exc:
            self._news.fail(CLOUDEVENTS, tenant, str(exc))
            raise
        self._news.count(CLOUDEVENTS, tenant, Fate.ACCEPTED, events=taken.accepted)
        self._news.count(CLOUDEVENTS, tenant, Fate.DUPLICATE, events=taken.duplicates)
        return taken


def _sent(request: Request, body: bytes) -> Sequence[_Sent]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == SINGLE:
        return [_Sent(value=decoded(_ANY, body), pointer="/body")]
    if media == BATCH:
        return _batch(decoded(_ANY, body))
    if HEADER + "specversion" in request.headers:
        try:
            return [_Sent(value=binary_event(dict(request.headers), body), pointer="/header")]
        except FaultError as exc:
            raise BadBodyError(exc.fault.message, code=exc.fault.code) from exc
    raise UnsupportedBodyError(
        "send application/cloudevents+json, application/cloudevents-batch+json, or the binary form with ce- headers",
        media_type=media,
    )


def _batch(value: object) -> Sequence[_Sent]:
    if not isinstance(value, list):
        raise BadBodyError("a batch is a JSON array of events", code="wrong_type")
    items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    if len(items) > MAX_BATCH_EVENTS:
        raise BadBodyError(f"at most {MAX_BATCH_EVENTS} events in one request", code="too_many")
    return [_Sent(value=item, pointer=f"/body/{at}") for at, item in enumerate(items)]


def _parsed(sent: Sequence[_Sent], *, tenant: str, now_ms: int) -> tuple[list[Event], list[RejectedItem]]:
    events: list[Event] = []
    rejected: list[RejectedItem] = []
    for one in sent:
        try:
            events.append(parse_event(one.value, tenant=tenant, now_ms=now_ms))
        except FaultError as exc:
            fault = exc.fault
            pointer = _pointer(one.pointer, fault.pointer)
            rejected.append(RejectedItem(pointer=pointer, code=fault.code, message=fault.message))
    return events, rejected


def _pointer(place: str, attribute: str) -> str:
    """Return where an attribute stands: in the binary form it is a header, and the data is the body."""
    if place != "/header":
        return place + attribute
    if attribute in {"/data", "/data_base64"}:
        return "/body"
    if attribute == "/datacontenttype":
        return "/header/content-type"
    return f"/header/{HEADER}{attribute[1:]}" if attribute else "/header"


def _nothing_taken(request: Request, rejected: Sequence[RejectedItem]) -> Response:
    fields = [ProblemField(pointer=item.pointer, code=item.code, message=item.message) for item in rejected]
    return problem_response(
        request.scope, 422, "no event of this request can be taken", params={"rejected": len(rejected)},
        fields=fields[:MAX_SHOWN],
    )  # fmt: skip


def cloudevents_route(ingest: IngestService, clock: Clock, news: InputNews) -> HotRoute:
    """Return the route that takes CloudEvents."""
    cloud_events = CloudEvents(ingest, clock, news)

    async def post_events(request: Request) -> Response:
        return await cloud_events.take(request)

    taken = EventsTakenView.model_json_schema(ref_template="#/components/schemas/{model}")
    return HotRoute(
        path="/api/v1/events",
        method="POST",
        endpoint=post_events,
        permission=Permission.EVENTS_WRITE,
        operation=_OPERATION,
        responses=_RESPONSES,
        schemas={"CloudEvent": _CLOUD_EVENT, **taken.pop("$defs"), "EventsTakenView": taken},
        max_body_bytes=MAX_BODY_BYTES,
    )


_ONE = {"$ref": "#/components/schemas/CloudEvent"}
_CLOUD_EVENT: dict[str, Any] = {
    "type": "object",
    "title": "CloudEvent",
    "description": "An event as CloudEvents 1.0 describes it; `labels` and `severity` are extensions of GWF.",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
        "source": {"type": "string", "format": "uri-reference", "maxLength": 512},
        "type": {"type": "string", "minLength": 1, "maxLength": 255},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "minLength": 1, "maxLength": 4096},
        "datacontenttype": {"type": "string"},
        "dataschema": {"type": "string", "format": "uri"},
        "data": {"description": "any JSON value"},
        "data_base64": {"type": "string", "contentEncoding": "base64"},
        "labels": {"type": "string", "examples": ["env=prod,site=sh"]},
        "severity": {"enum": ["debug", "info", "notice", "warning", "error", "critical"]},
    },
    "additionalProperties": {"type": ["string", "integer", "boolean"]},
}
_OPERATION: dict[str, Any] = {
    "tags": ["events"],
    "summary": "Send events as CloudEvents 1.0",
    "description": (
        "One event, a batch, or one in binary mode: any other Content-Type with headers ce-id, ce-source, ce-type and "
        "ce-specversion. The body may be packed with gzip. Of (source, id) only the first one is stored. Events that "
        "cannot be taken are named in `rejected` and the others are stored; if none can be taken the answer is 422."
    ),
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: {"schema": _ONE},
            BATCH: {"schema": {"type": "array", "items": _ONE, "maxItems": MAX_BATCH_EVENTS}},
        },
    },
}
_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "What came of them",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventsTakenView"}}},
    }
}
