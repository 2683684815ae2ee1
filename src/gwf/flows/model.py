"""Words and values of flows: what a version of one says. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gwf.events.model import JsonValue
from gwf.rules.matcher import Matcher
from gwf.rules.template import Filling, Template
from gwf.tasks.model import Priority
from gwf.tasks.policy import Policy

MAX_STEPS = 100
MAX_INPUTS = 50
MAX_NAME_CHARS = 100
MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 2_000
MAX_DOCUMENT_BYTES = 256 * 1024
APPROVAL = "APPROVAL"  #: the kind of a step that waits for a person

Document = Mapping[str, JsonValue]
"""A flow as people write it, as JSON values."""


class FlowVersion(NamedTuple):
    """Names one version of a flow for ever: what a published one says never changes."""

    flow_id: str
    version: int


class OnFailure(enum.StrEnum):
    """What becomes of a run when one of its steps has failed for good."""

    #: it rests: a person resumes it from the failed step, or cancels it
    STOP = "stop"
    #: what its steps did is undone, the last first
    COMPENSATE = "compensate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that is to be done: a kind of task with its configuration."""

    #: UPLOAD, WEBHOOK, APPROVAL, …
    kind: str
    config: Mapping[str, Filling]
    #: the agent that does what agents do
    agent: Template | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step of a version."""

    id: str
    #: for people; its id unless the flow says otherwise
    title: str
    deed: Deed
    #: ids of the steps that must have ended first
    needs: tuple[str, ...]
    #: None = always
    when: Matcher | None
    policy: Policy
    #: seconds from its begin until no attempt begins any more; None = for ever
    deadline_s: float | None
    #: its failure is noted and the run goes on
    allow_failure: bool
    #: what it did is undone when the run is
    compensates: bool
    #: what undoes it; None = its action does that itself
    compensation: Deed | None
    #: an approval: whoever began the run may not give it
    four_eyes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value that a run is begun with."""

    name: str
    description: str
    required: bool
    default: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of a flow, read and checked: its steps form a graph without cycles."""

    ref: FlowVersion
    name: str
    priority: Priority
    on_failure: OnFailure
    inputs: tuple[Input, ...]
    #: as they were written
    steps: tuple[PlannedStep, ...]
    #: by id
    by_id: Mapping[str, PlannedStep] = field(default_factory=dict[str, PlannedStep])

    def step(self, step_id: str) -> PlannedStep:
        """Return a step; KeyError when there is none."""
        return self.by_id[step_id]
