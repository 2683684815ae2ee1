"""Events and file events as the API shows them, and what is answered to who sends some."""

from __future__ import annotations

from typing import Any, Literal

from gwf.wire.edge import Wire

SeverityName = Literal["debug", "info", "notice", "warning", "error", "critical"]
FileEventStatusName = Literal[
    "done", "failed", "dead", "skipped", "vanished", "superseded", "archived", "restored", "replayed", "dropped"
]


class EventView(Wire):
    """One event: the attributes of CloudEvents 1.0, and what GWF adds."""

    #: 63-bit number as text; names the event in this API
    row_id: str
    #: path of what the rules decided about it and why, also when none matched
    decision: str
    #: of the sender; unique among the events of `source`
    id: str
    source: str
    type: str
    #: by the clock of whoever told it, RFC 3339 UTC
    time: str
    #: when the centre took it, RFC 3339 UTC
    received_at: str
    subject: str | None
    #: agent that told it or that it is about
    agent_id: str | None
    #: of that agent; "" = none, or the agent is gone
    hostname: str
    #: of an event about a rollout: `number` of the version, `layer_kind`, and `layer`, the name of the group or host
    about: dict[str, str]
    labels: dict[str, str]
    severity: SeverityName
    #: any JSON value; base64 text when `datacontenttype` is of something that is no JSON and no text
    data: Any
    datacontenttype: str | None
    dataschema: str | None
    #: further attributes of the sender
    extensions: dict[str, str | int | bool]


class EventPage(Wire):
    """One page of events, newest first."""

    items: list[EventView]
    #: goes on with older ones; None = there are none
    next_cursor: str | None
    #: goes back to newer ones; None on the first page
    previous_cursor: str | None
    #: the list shows what the centre had taken by then
    as_of: str
    #: the time that the list covers, `until` excluded
    since: str
    until: str


class FileEventView(Wire):
    """One thing that happened to one version of a file."""

    #: 63-bit number as text; names the event in this API
    row_id: str
    #: path of what the rules decided about it and why, also when none matched
    decision: str
    #: by the agent's clock, RFC 3339 UTC
    time: str
    received_at: str
    status: FileEventStatusName
    agent_id: str
    #: "" = the agent is gone
    hostname: str
    #: of the agent when the event came in
    labels: dict[str, str]
    path: str
    #: version of the path, from 1
    version: int
    store: str | None
    key: str | None
    size_bytes: int | None
    etag: str | None
    sha256: str | None
    #: number of the attempt, from 1
    attempt: int | None
    #: from queued to the end of this attempt
    duration_ms: int | None
    reason: str | None
    error_class: str | None
    error_code: str | None
    message: str | None
    #: what else the agent said
    details: dict[str, Any]


class FileEventPage(Wire):
    """One page of file events, newest first."""

    items: list[FileEventView]
    #: goes on with older ones; None = there are none
    next_cursor: str | None
    #: goes back to newer ones; None on the first page
    previous_cursor: str | None
    #: the list shows what the centre had taken by then
    as_of: str
    #: the time that the list covers, `until` excluded
    since: str
    until: str


class FacetCount(Wire):
    """How often one value occurs."""

    value: str
    count: int
    #: how people call the value, where that is something else: the hostname of an agent
    name: str = ""


class EventFacets(Wire):
    """How events are spread over types, severities, sources and agents; most frequent first, at most 20 each."""

    types: list[FacetCount]
    #: worst first
    severities: list[FacetCount]
    sources: list[FacetCount]
    agents: list[FacetCount]
    #: all were counted; False = the newest `counted` events only
    exact: bool
    counted: int
    #: the time that the numbers cover
    since: str
    until: str


class FileEventFacets(Wire):
    """How file events are spread over statuses, classes, stores and agents; most frequent first, at most 20 each."""

    statuses: list[FacetCount]
    error_classes: list[FacetCount]
    stores: list[FacetCount]
    agents: list[FacetCount]
    #: from sums over whole minutes; False = counted over the newest `counted` events only
    exact: bool
    #: events that were counted
    counted: int
    #: the time that the numbers cover
    since: str
    until: str


class RejectedItem(Wire):
    """An event of a request that was not taken."""

    #: JSON pointer into the request: /body/3/time, /header/ce-id
    pointer: str
    #: stable, for example missing, wrong_type, too_long, reserved
    code: str
    message: str


class EventsTakenView(Wire):
    """What came of the events of a request."""

    #: stored now
    accepted: int
    #: known already by source and id; nothing was changed
    duplicates: int
    rejected: list[RejectedItem]


class MadeEventView(Wire):
    """An event that would be made of what was posted."""

    id: str
    source: str
    type: str
    #: RFC 3339 UTC; of what names no time that of the request
    time: str
    subject: str | None
    labels: dict[str, str]
    severity: SeverityName
    data: Any


class InputTrialView(Wire):
    """What would come of what was posted to an input; nothing was stored."""

    events: list[MadeEventView]
    rejected: list[RejectedItem]
