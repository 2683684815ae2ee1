"""The unified event: CloudEvents 1.0 attributes plus tenant, agent, labels and severity."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

CENTRE = "/gwf/centre"  #: `source` of what the centre itself tells
RESERVED = "gwf."  #: types that begin so are told by GWF only; nobody else may send them
FAST_CLOCK_MS = 86_400_000  #: how far an event may lie ahead of the moment it came in
MAX_ID_CHARS = 255
MAX_SOURCE_CHARS = 512
MAX_TYPE_CHARS = 255
MAX_SUBJECT_CHARS = 4_096
MAX_DATA_BYTES = 65_536  #: of one event's data as JSON


class Severity(enum.IntEnum):
    """How much an event matters to a person; the numbers are stored and leave room between them."""

    DEBUG = 10
    INFO = 20
    NOTICE = 30
    WARNING = 40
    ERROR = 50
    CRITICAL = 60

    @property
    def word(self) -> str:
        """The name as it is sent and shown: info, warning …"""
        return self.name.lower()


SEVERITY_OF_WORD: Mapping[str, Severity] = {severity.word: severity for severity in Severity}

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `source` and `id` together name it for ever, in one tenant."""

    #: unique among the events of `source`
    id: str
    #: URI reference of who tells it: /gwf/centre, /gwf/agents/<id>, or what a foreign sender says
    source: str
    #: what happened, such as gwf.agent.offline or com.example.invoice.paid
    type: str
    #: when it happened, ms UTC, by the teller's clock
    at_ms: int
    #: what it is about within the source: a path, a store, an agent; None = the source as a whole
    subject: str | None = None
    tenant: str = "default"
    #: agent that told it or that it is about; None = none
    agent_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    severity: Severity = Severity.INFO
    #: any JSON value; binary content of a foreign sender is base64 text, and `content_type` says of what
    data: object = None
    #: media type of the data; None = JSON
    content_type: str | None = None
    #: URI of the schema that the data follows; None = not told
    data_schema: str | None = None
    #: further CloudEvents attributes of a foreign sender
    extensions: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is kept."""

    #: 63-bit number that grows with time; names the event in the API
    row_id: int
    #: when the centre took it, ms UTC
    received_at_ms: int
    event: Event


def agent_source(agent_id: str) -> str:
    """Return the `source` of what an agent tells."""
    return f"/gwf/agents/{agent_id}"


def is_storable(text: str) -> bool:
    """Tell whether every database takes a text: it has no NUL and no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
