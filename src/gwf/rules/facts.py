"""An event as the rules see it, and the names under which its values are found. Pure."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gwf.core.clock import utc_text
from gwf.core.labels import is_label_name
from gwf.events.files import SEVERITY_OF_STATUS, FileEvent, FileEventStatus
from gwf.events.kinds import event_type
from gwf.events.model import Event, Severity, agent_source
from gwf.rules.decision import EventKind, EventRef

MAX_NAME_CHARS = 200  #: of a field
MAX_STEPS = 8  #: into the data of an event


class Missing:
    """The type of MISSING."""

    def __repr__(self) -> str:
        """Return the word."""
        return "MISSING"


MISSING: Final = Missing()  #: what a field is that an event does not have

TYPE_OF_STATUS: Mapping[FileEventStatus, str] = {
    status: event_type(f"file.{status.word}") for status in FileEventStatus
}


class Facts:
    """What the rules may ask of one event. Parts that cost time are worked out when they are asked for."""

    __slots__ = (
        "_data", "agent_id", "at_ms", "extensions", "file", "id", "labels", "path", "ref", "run", "severity",
        "size_bytes", "source", "subject", "type",
    )  # fmt: skip

    def __init__(self, ref: EventRef, kind: str, at_ms: int, *, labels: Mapping[str, str]) -> None:
        """Begin with what every event has."""
        self.ref = ref
        #: what happened, such as gwf.file.done
        self.type = kind
        self.at_ms = at_ms
        self.labels = labels
        self.id = ""
        self.source = ""
        self.subject: str | None = None
        self.agent_id: str | None = None
        self.severity: int = Severity.INFO
        self.path: str | None = None
        self.size_bytes: int | None = None
        self.file: FileEvent | None = None
        self.extensions: Mapping[str, object] = {}
        #: what the run of a flow knows beside the event that began it: `input`, `steps` and `run`
        self.run: Mapping[str, object] = {}
        self._data: object = None

    @property
    def data(self) -> object:
        """The data of an event, or what an agent said beside the columns of a file event."""
        if type(self._data) is _Text:
            self._data = json.loads(self._data)
        return self._data

    def put_data(self, value: object, *, text: str | None = None) -> None:
        """Give it data: a JSON value, or its text, which is read when a rule asks for it."""
        self._data = value if text is None else _Text(text)


class _Text(str):
    """JSON that nobody has asked for yet."""

    __slots__ = ()


def file_facts(row_id: int, event: FileEvent, labels: Mapping[str, str]) -> Facts:
    """Return what the rules may ask of a file event; `labels` are the agent's when it told it."""
    facts = Facts(
        EventRef(event.tenant, EventKind.FILE, row_id), TYPE_OF_STATUS[event.status], event.at_ms, labels=labels
    )
    facts.id = f"{event.epoch}:{event.seq}"
    facts.source = agent_source(event.agent_id)
    facts.subject = facts.path = event.path
    facts.agent_id = event.agent_id
    facts.severity = SEVERITY_OF_STATUS.get(event.status, Severity.INFO)
    facts.size_bytes = event.size_bytes
    facts.file = event
    facts.put_data(None, text=event.extra)
    return facts


def event_facts(row_id: int, event: Event, *, data_text: str | None = None) -> Facts:
    """Return what the rules may ask of an event; `data_text` is its data as JSON where nobody has read it yet."""
    facts = Facts(EventRef(event.tenant, EventKind.EVENT, row_id), event.type, event.at_ms, labels=event.labels)
    facts.id = event.id
    facts.source = event.source
    facts.subject = event.subject
    facts.agent_id = event.agent_id
    facts.severity = int(event.severity)
    facts.extensions = event.extensions
    facts.put_data(event.data, text=data_text)
    return facts


Get = Callable[[Facts], object]


@dataclass(frozen=True, slots=True)
class Field:
    """A value of an event, by its name; equal names are equal fields."""

    name: str

    def getter(self) -> Get:
        """Return what reads the value; it returns MISSING where there is none."""
        plain = _PLAIN.get(self.name)
        if plain is not None:
            return plain
        family, _, rest = self.name.partition(".")
        return (_FAMILIES.get(family) or _in_run(family))(rest)

    def of(self, facts: Facts) -> object:
        """Return the value; MISSING where there is none."""
        return self.getter()(facts)


def find_field(name: str, *, in_run: bool = False) -> Field | None:
    """Return the field that is called so; None when an event, or with `in_run` a run, has no such place."""
    if name in _PLAIN:
        return Field(name)
    family, dot, rest = name.partition(".")
    if not dot or not rest or len(name) > MAX_NAME_CHARS:
        return None
    if in_run and family in RUN_FAMILIES:
        return Field(name) if len(steps := rest.split(".")) <= MAX_STEPS and all(steps) else None
    if family not in _FAMILIES:
        return None
    if family == "labels" and not is_label_name(rest):
        return None
    if family == "ext" and not _EXTENSION.fullmatch(rest):
        return None
    if family == "data" and not (1 <= len(steps := rest.split(".")) <= MAX_STEPS and all(steps)):
        return None
    return Field(name)


_EXTENSION = re.compile(r"[a-z0-9]{1,20}")


def _or_missing(value: object) -> object:
    return MISSING if value is None else value


def _of_file(name: str) -> Get:
    at = FileEvent._fields.index(name)

    def get(facts: Facts) -> object:
        file = facts.file
        return MISSING if file is None or (value := file[at]) is None else value

    return get


def _of_path(cut: Callable[[str], str]) -> Get:
    def get(facts: Facts) -> object:
        return MISSING if facts.path is None else cut(facts.path)

    return get


def _label(name: str) -> Get:
    def get(facts: Facts) -> object:
        return facts.labels.get(name, MISSING)

    return get


def _extension(name: str) -> Get:
    def get(facts: Facts) -> object:
        return facts.extensions.get(name, MISSING)

    return get


def _inside_data(path: str) -> Get:
    steps = tuple(path.split("."))

    def get(facts: Facts) -> object:
        value = facts.data
        for step in steps:
            value = _inside(value, step)
        return value

    return get


def _in_run(family: str) -> Callable[[str], Get]:
    def of(path: str) -> Get:
        steps = (family, *path.split("."))

        def get(facts: Facts) -> object:
            value: object = facts.run
            for step in steps:
                value = _inside(value, step)
            return value

        return get

    return of


def _inside(value: object, step: str) -> object:
    if isinstance(value, dict):
        found: dict[str, object] = value  # pyright: ignore[reportUnknownVariableType]  # JSON has texts as keys
        return found.get(step, MISSING)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 6:
        items: list[object] = value  # pyright: ignore[reportUnknownVariableType]
        return items[int(step)] if int(step) < len(items) else MISSING
    return MISSING


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1]


_FAMILIES: Mapping[str, Callable[[str], Get]] = {"labels": _label, "data": _inside_data, "ext": _extension}
_PLAIN: Mapping[str, Get] = {
    "id": lambda facts: facts.id,
    "row_id": lambda facts: str(facts.ref.row_id),
    "tenant": lambda facts: facts.ref.tenant,
    "type": lambda facts: facts.type,
    "source": lambda facts: facts.source,
    "subject": lambda facts: _or_missing(facts.subject),
    "time": lambda facts: utc_text(facts.at_ms),
    "date": lambda facts: utc_text(facts.at_ms)[:10],
    "severity": lambda facts: Severity(facts.severity).word,
    "agent_id": lambda facts: _or_missing(facts.agent_id),
    "path": lambda facts: _or_missing(facts.path),
    "dir": _of_path(posixpath.dirname),
    "name": _of_path(posixpath.basename),
    "suffix": _of_path(_suffix),
    "size_bytes": lambda facts: _or_missing(facts.size_bytes),
    "version": _of_file("gen"),
    "data": lambda facts: _or_missing(facts.data),
    **{
        name: _of_file(name)
        for name in (
            "store", "key", "etag", "sha256", "attempt", "duration_ms", "reason", "error_class", "error_code",
            "message",
        )
    },
}  # fmt: skip

#: what only the run of a flow has: `steps.<id>.result.<name>`, `input.<name>`, `run.id`
RUN_FAMILIES = frozenset({"steps", "input", "run"})
FIELD_NAMES = tuple(sorted(_PLAIN))  #: besides labels.…, data.… and ext.…
FIELDS_HINT = f"{', '.join(FIELD_NAMES)}, labels.<name>, data.<step>.<step> or ext.<attribute>"


def fields_hint(*, in_run: bool) -> str:
    """Return the names that there are, for people."""
    more = ", steps.<id>.state, steps.<id>.result.<name>, input.<name>, run.id, run.number" if in_run else ""
    return FIELDS_HINT + more
