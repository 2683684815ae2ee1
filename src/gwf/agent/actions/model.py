"""Values of the edge's actions: one run of one step on one version of a file."""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from gwf.core.settings.model import AfterSettings
from gwf.tasks.actions.model import Undo
from gwf.tasks.actions.subject import Subject


class RunState(enum.StrEnum):
    """State of a run; the words stand in the table and in output."""

    #: to be done now, or at `next_at_ms`
    READY = "ready"
    #: being done by the process that `owner` names
    RUNNING = "running"
    #: all attempts failed; a person decides
    FAILED = "failed"
    DONE = "done"
    #: not to be done, by a rule of the action
    REFUSED = "refused"
    #: done, then undone by a person
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step that is due for a file."""

    #: the same for every repeat
    key: str
    subject: Subject
    #: position among the steps of its watched directory
    step: int
    #: the step as it was configured when it became due
    spec: AfterSettings

    @property
    def kind(self) -> str:
        """Word for people: archive, delete, or the script's name."""
        return kind_of(self.spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the book has it."""

    id: int
    planned: Planned
    state: RunState
    #: attempts that were begun
    attempts: int
    #: wall time of the next attempt in ms, while READY
    next_at_ms: int
    updated_at_ms: int
    summary: str = ""
    output: str = ""
    undo: Undo = field(default_factory=dict[str, str | int])


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """Counts of actions for health and metrics."""

    #: runs that are ready, running or failed
    waiting: Mapping[RunState, int] = field(default_factory=dict[RunState, int])
    #: executions of this process by the state they led to
    ended: Mapping[RunState, int] = field(default_factory=dict[RunState, int])


def kind_of(spec: AfterSettings) -> str:
    """Return a word for a step: archive, delete, or script:<name>."""
    if spec.archive is not None:
        return "delete" if spec.archive.delete else "archive"
    return f"script:{spec.script}"


def subject_to_json(subject: Subject) -> str:
    """Return a subject as JSON; bytes of paths that are no UTF-8 stay what they are."""
    paths = {"path": os.fsdecode(subject.path), "root": os.fsdecode(subject.root)}
    rest = {name: getattr(subject, name) for name in Subject.__slots__ if name not in paths}
    return json.dumps({**paths, **rest})


def subject_from_json(text: str) -> Subject:
    """Return the subject written by `subject_to_json`."""
    raw = cast("dict[str, Any]", json.loads(text))
    raw["path"], raw["root"] = os.fsencode(raw["path"]), os.fsencode(raw["root"])
    return Subject(**raw)
