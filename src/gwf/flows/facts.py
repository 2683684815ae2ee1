"""What templates and conditions of a run may ask: the event that began it, its input, its steps so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from gwf.events.files import FileEvent, FileEventStatus, file_ref
from gwf.events.model import JsonValue
from gwf.flows.run import Run
from gwf.rules.decision import EventKind, EventRef
from gwf.rules.facts import Facts

BY_HAND = "gwf.flow.run"  #: type of the event of a run that no event began
_OF_FILES = (
    "store", "key", "etag", "sha256", "attempt", "duration_ms", "reason", "error_class", "error_code", "message",
)  # fmt: skip


def kept_event(facts: Facts) -> dict[str, JsonValue]:
    """Return an event as a run keeps it, so that it needs no other store and outlives the event."""
    file = facts.file
    found: dict[str, Any] = {
        "kind": facts.ref.kind.value,
        "row_id": facts.ref.row_id,
        "type": facts.type,
        "at_ms": facts.at_ms,
        "labels": dict(facts.labels),
        "id": facts.id,
        "source": facts.source,
        "subject": facts.subject,
        "agent_id": facts.agent_id,
        "severity": int(facts.severity),
        "path": facts.path,
        "size_bytes": facts.size_bytes,
        "ext": dict(facts.extensions),
        "data": facts.data,
    }
    if file is not None:
        found["file"] = {
            "status": int(file.status),
            "version": file.gen,
            **{name: getattr(file, name) for name in _OF_FILES},
        }
    return {name: value for name, value in found.items() if value is not None}


def run_facts(run: Run) -> Facts:
    """Return what a run knows at this moment."""
    facts = _event(run)
    facts.run = {
        "input": dict(run.input),
        "run": {"id": run.run_id, "number": run.number, "flow": run.name, "started_by": run.origin.by},
        "steps": {
            step.id: {
                "state": step.state.value,
                "result": None if step.result is None else dict(step.result),
                "error": step.error or None,
                "error_class": None if step.error_class is None else step.error_class.value,
            }
            for step in run.steps.values()
        },
    }
    return facts


def _event(run: Run) -> Facts:
    kept: Mapping[str, Any] = run.event or {}
    kind = EventKind(kept.get("kind", EventKind.EVENT.value))
    ref = EventRef(run.tenant, kind, int(kept.get("row_id", 0)))
    at_ms = int(kept.get("at_ms", run.created_at_ms))
    facts = Facts(ref, str(kept.get("type", BY_HAND)), at_ms, labels=kept.get("labels", {}))
    facts.id = str(kept.get("id", run.run_id))
    facts.source = str(kept.get("source", ""))
    facts.subject = kept.get("subject")
    facts.agent_id = kept.get("agent_id")
    facts.severity = int(kept.get("severity", facts.severity))
    facts.path = kept.get("path")
    facts.size_bytes = kept.get("size_bytes")
    facts.extensions = kept.get("ext", {})
    facts.put_data(kept.get("data"))
    if "file" in kept:
        facts.file = _file(run.tenant, at_ms, kept)
    return facts


def _file(tenant: str, at_ms: int, kept: Mapping[str, Any]) -> FileEvent:
    file = cast("Mapping[str, Any]", kept["file"])
    agent, path = str(kept.get("agent_id", "")), str(kept.get("path", ""))
    values = {name: file.get(name) for name in _OF_FILES}
    return FileEvent(
        tenant=tenant, agent_id=agent, epoch="", seq=0, at_ms=at_ms, status=FileEventStatus(file["status"]),
        file_ref=file_ref(agent, path), file_id=0, gen=int(file["version"]), path=path,
        size_bytes=kept.get("size_bytes"), extra=None, **values,
    )  # fmt: skip
