"""The projection of what happened to files: narrow rows made from the agents' outbox. Pure."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from gwf.events.model import Severity, is_storable


class FileEventStatus(enum.IntEnum):
    """What happened to a version of a file; the numbers are stored."""

    #: the store confirmed it
    DONE = 1
    #: an attempt failed, another follows
    FAILED = 2
    #: failed for good; a person decides
    DEAD = 3
    #: a rule or a switch says that it is not sent
    SKIPPED = 4
    #: gone before it could be sent
    VANISHED = 5
    #: changed while it was sent; the newer version follows
    SUPERSEDED = 6
    #: its local copy was archived or removed after the object was verified
    ARCHIVED = 7
    #: an archived file came back
    RESTORED = 8
    #: a person put it back into the queue
    REPLAYED = 9
    #: a person gave it up
    DROPPED = 10

    @property
    def word(self) -> str:
        """The name as it is sent and shown: done, failed …"""
        return self.name.lower()


STATUS_OF_WORD: Mapping[str, FileEventStatus] = {status.word: status for status in FileEventStatus}
#: outbox kinds that become file events; all others become events
STATUS_OF_KIND: Mapping[str, FileEventStatus] = {f"file.{status.word}": status for status in FileEventStatus}
#: what a file event means to a person
SEVERITY_OF_STATUS: Mapping[FileEventStatus, Severity] = {
    FileEventStatus.FAILED: Severity.WARNING,
    FileEventStatus.DEAD: Severity.ERROR,
    FileEventStatus.REPLAYED: Severity.NOTICE,
    FileEventStatus.DROPPED: Severity.NOTICE,
}
#: parts of an outbox body that have columns of their own; the others are kept together as JSON
COLUMNS = frozenset(
    {
        "path", "store", "key", "size_bytes", "etag", "sha256", "attempt", "duration_ms", "reason", "error_class",
        "error_code", "message",
    }
)  # fmt: skip
MAX_TEXT_CHARS = 8_192  #: of one text of a file event; paths have at most 4,096 bytes
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class FileEvent(NamedTuple):
    """One thing that happened to one version of a file; (agent, epoch, seq) names it for ever.

    A tuple, because thousands a second are made and go to the database as they are.
    """

    tenant: str
    agent_id: str
    #: of the agent's journal
    epoch: str
    #: of the agent's outbox
    seq: int
    #: by the agent's clock
    at_ms: int
    status: FileEventStatus
    #: 63 bits of a hash of agent and path: finds the whole life of one path
    file_ref: int
    #: row of the agent's journal
    file_id: int
    #: grows with each version of the path
    gen: int
    #: absolute, as the agent shows it; "" when the agent did not say it
    path: str
    #: name of the destination; None when it does not matter
    store: str | None = None
    key: str | None = None
    size_bytes: int | None = None
    etag: str | None = None
    #: hex; None when it was not computed
    sha256: str | None = None
    #: number of the attempt, from 1
    attempt: int | None = None
    #: from queued to the end of this attempt
    duration_ms: int | None = None
    reason: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    message: str | None = None
    #: JSON object of what else the agent said; None = nothing
    extra: str | None = None


class Told(NamedTuple):
    """Who told an outbox row, and where it stands."""

    tenant: str
    agent_id: str
    epoch: str
    seq: int
    at_ms: int
    file_id: int
    gen: int


def file_event(told: Told, status: FileEventStatus, body: Mapping[str, Any]) -> FileEvent:
    """Return the projection of one outbox row about a file.

    Raises:
        ValueError: A part of `body` is of a type that it cannot have; the message names it.
    """
    get = body.get
    path = get("path")
    text = path if isinstance(path, str) else ""
    extra = None
    if not body.keys() <= COLUMNS and (others := {name: body[name] for name in body if name not in COLUMNS}):
        extra = _encode(others)
    event = FileEvent(
        told.tenant, told.agent_id, told.epoch, told.seq, told.at_ms, status, file_ref(told.agent_id, text),
        told.file_id, told.gen, text, get("store"), get("key"), get("size_bytes"), get("etag"), get("sha256") or None,
        get("attempt"), get("duration_ms"), get("reason"), get("error_class"), get("error_code") or None,
        get("message"), extra,
    )  # fmt: skip  # `_check` proves the types that the agent sent
    _check(event, path)
    return event


def file_ref(agent_id: str, path: str) -> int:
    """Return the number under which all that happened to one path of one agent is found."""
    digest = hashlib.blake2b(f"{agent_id}\0{path}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


_TEXTS = ("path", "store", "key", "etag", "sha256", "reason", "error_class", "error_code", "message", "extra")
_NUMBERS = ("size_bytes", "attempt", "duration_ms")
_texts = itemgetter(*map(FileEvent._fields.index, _TEXTS))
_numbers = itemgetter(*map(FileEvent._fields.index, _NUMBERS))
_MAX_NUMBER = 2**63 - 1


def _check(event: FileEvent, path: object) -> None:
    """Raise for what no database takes; in the usual case one look at all texts together is enough."""
    try:
        joined = "".join([text for text in _texts(event) if text is not None])
    except TypeError:
        joined = "\0"  # one of them is no text
    if path is not None and type(path) is not str:
        raise ValueError("path: a text is needed")
    if len(joined) > MAX_TEXT_CHARS or not is_storable(joined):
        _refuse_texts(event)
    for name, value in zip(_NUMBERS, _numbers(event), strict=True):
        if value is not None and (type(value) is not int or not 0 <= value <= _MAX_NUMBER):
            raise ValueError(f"{name}: a whole number from 0 is needed")


def _refuse_texts(event: FileEvent) -> None:
    for name, text in zip(_TEXTS, _texts(event), strict=True):
        if text is None:
            continue
        if type(text) is not str:
            raise ValueError(f"{name}: a text is needed")
        if len(text) > MAX_TEXT_CHARS:
            raise ValueError(f"{name}: at most {MAX_TEXT_CHARS} characters")
        if not is_storable(text):
            raise ValueError(f"{name}: a NUL or half of a surrogate pair is not allowed")
