"""Events that people make up to try a rule: read strictly, filled up with what they leave out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from gwf.core.clock import utc_text
from gwf.core.labels import is_label_name, is_label_value
from gwf.events.files import STATUS_OF_KIND, FileEvent, FileEventStatus, file_ref
from gwf.events.model import (
    MAX_ID_CHARS,
    MAX_SOURCE_CHARS,
    MAX_SUBJECT_CHARS,
    MAX_TYPE_CHARS,
    RESERVED,
    SEVERITY_OF_WORD,
    Event,
    JsonValue,
    Severity,
)
from gwf.rules.facts import Facts, event_facts, file_facts
from gwf.rules.faults import Faults, below

MAX_LABELS = 64
_TEXTS = {
    "id": MAX_ID_CHARS,
    "source": MAX_SOURCE_CHARS,
    "type": MAX_TYPE_CHARS,
    "subject": MAX_SUBJECT_CHARS,
    "agent_id": 100,
    "path": 4_096,
    "store": 200,
    "key": 2_000,
    "etag": 200,
    "sha256": 64,
    "reason": 2_000,
    "error_class": 100,
    "error_code": 200,
    "message": 8_000,
}
_NUMBERS = ("size_bytes", "version", "attempt", "duration_ms")
_OF_FILES = frozenset(
    {
        "path", "store", "key", "etag", "sha256", "reason", "error_class", "error_code", "message", "size_bytes",
        "version", "attempt", "duration_ms",
    }
)  # fmt: skip
KEYS = (*_TEXTS, *_NUMBERS, "time", "severity", "labels", "data")
_FILE_TYPES: Mapping[str, FileEventStatus] = {RESERVED + kind: status for kind, status in STATUS_OF_KIND.items()}
DEFAULT_MS = 1_767_225_600_000  #: 2026-01-01, the time of an event that says none: tests give the same answer any day


def read_sample(value: object, at: str, faults: Faults, *, tenant: str = "default", now_ms: int = DEFAULT_MS) -> Facts:
    """Return an event that was made up; without a type it is a file that was stored (gwf.file.done)."""
    found = faults.mapping(value, at, "an event") or {}
    faults.keys(found, at, KEYS)
    texts = {
        key: faults.text(found[key], below(at, key), most=most, least=0) for key, most in _TEXTS.items() if key in found
    }
    numbers = {
        key: faults.number(found[key], below(at, key), least=0, most=2**63 - 1) for key in _NUMBERS if key in found
    }
    kind = texts.get("type") or "gwf.file.done"
    status = _FILE_TYPES.get(kind)
    if status is None:
        for key in _OF_FILES & found.keys():
            faults.add(below(at, key), "not_of_files", f"only events gwf.file.… have this; {kind} has data instead")
    at_ms = _time(found, at, faults, now_ms=now_ms)
    labels = _labels(found, at, faults)
    if status is None:
        event = Event(
            id=texts.get("id") or "sample",
            source=texts.get("source") or "/sample",
            type=kind,
            at_ms=at_ms,
            subject=texts.get("subject"),
            tenant=tenant,
            agent_id=texts.get("agent_id"),
            labels=labels,
            severity=_severity(found, at, faults),
            data=found.get("data"),
        )
        return event_facts(0, event)
    facts = file_facts(0, _file(tenant, at_ms, status, given={**texts, **numbers}), labels)
    if "severity" in found:
        facts.severity = _severity(found, at, faults)
    facts.put_data(found.get("data"))
    return facts


def sample_of(facts: Facts) -> dict[str, JsonValue]:
    """Return an event as people make one up: `read_sample` makes of it what rules decide about alike."""
    found: dict[str, JsonValue] = {"type": facts.type, "time": utc_text(facts.at_ms)}
    if facts.file is None:
        found |= {"source": facts.source, "severity": Severity(facts.severity).word}
        found |= {"subject": facts.subject} if facts.subject is not None else {}
    else:
        file = {**facts.file._asdict(), "version": facts.file.gen}
        found |= {key: file[key] for key in sorted(_OF_FILES) if file[key] is not None}
    if facts.agent_id is not None:
        found["agent_id"] = facts.agent_id
    if facts.labels:
        found["labels"] = dict(facts.labels)
    if facts.data is not None:
        found["data"] = cast("JsonValue", facts.data)
    return found


def _file(tenant: str, at_ms: int, status: FileEventStatus, *, given: Mapping[str, str | int | None]) -> FileEvent:
    def text(key: str) -> str | None:
        value = given.get(key)
        return value if isinstance(value, str) else None

    def number(key: str) -> int | None:
        value = given.get(key)
        return value if isinstance(value, int) else None

    agent, path = text("agent_id") or "sample", text("path") or ""
    return FileEvent(
        tenant, agent, "sample", 0, at_ms, status, file_ref(agent, path), 0, number("version") or 1, path,
        text("store"), text("key"), number("size_bytes"), text("etag"), text("sha256"), number("attempt"),
        number("duration_ms"), text("reason"), text("error_class"), text("error_code"), text("message"), None,
    )  # fmt: skip


def _time(found: Mapping[str, object], at: str, faults: Faults, *, now_ms: int) -> int:
    if "time" not in found:
        return now_ms
    text = faults.text(found["time"], below(at, "time"), most=40)
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        faults.add(below(at, "time"), "bad_time", "a time is written 2026-10-01T08:30:00+08:00, with its zone")
        return now_ms
    return round(moment.timestamp() * 1000)


def _severity(found: Mapping[str, object], at: str, faults: Faults) -> Severity:
    if "severity" not in found:
        return Severity.INFO
    word = faults.choice(found["severity"], below(at, "severity"), SEVERITY_OF_WORD)
    return Severity.INFO if word is None else SEVERITY_OF_WORD[word]


def _labels(found: Mapping[str, object], at: str, faults: Faults) -> dict[str, str]:
    if "labels" not in found:
        return {}
    place = below(at, "labels")
    given = faults.mapping(found["labels"], place, "labels") or {}
    if len(given) > MAX_LABELS:
        faults.add(place, "too_many", f"at most {MAX_LABELS} labels")
    labels: dict[str, str] = {}
    for name, value in given.items():
        if is_label_name(name) and isinstance(value, str) and is_label_value(value):
            labels[name] = value
        else:
            faults.add(below(place, name), "bad_label", "this cannot be a label: see the settings of agents")
    return labels
