"""What somebody wants of a run, checked: which flow, begun by what, with which input. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gwf.core.errors import ConflictError, InputError
from gwf.events.model import JsonValue
from gwf.flows.facts import kept_event
from gwf.flows.graph import from_step
from gwf.flows.model import Plan
from gwf.flows.run import Origin, Run, RunId, RunState, RunStep, StepState
from gwf.rules.facts import Facts

MAX_KEY_CHARS = 500
_DONE = frozenset({StepState.SUCCEEDED, StepState.SKIPPED})


class FlowNotPublishedError(ConflictError):
    """No version of the flow is published, so no run begins."""

    code = "flow_not_published"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWish:
    """A run as somebody wants it."""

    #: id or name of the flow
    flow: str
    #: the event that it is about; None = there is none
    event: Facts | None = None
    input: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    #: the same cause begins the same run; "" = each wish begins one
    key: str = ""
    origin: Origin


def run_id_of(tenant: str, key: str) -> RunId:
    """Return the id of the one run that a cause has: the same for the same key, in each tenant its own."""
    digest = hashlib.blake2b(f"{tenant}\0{key}".encode("utf-8", "backslashreplace"), digest_size=12, person=b"run")
    return RunId(f"run-{digest.hexdigest()}")


def keyed_run_id(tenant: str, flow_id: str, key: str) -> RunId:
    """Return the id of the one run of a flow that a key has."""
    return run_id_of(tenant, f"{flow_id}\0{key}")


def inputs_of(plan: Plan, given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the input of a run: what was given, and the defaults of what was not.

    Raises:
        InputError: Something is missing, or the flow takes no such value.
    """
    known = {one.name for one in plan.inputs}
    for name in given:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise InputError(f"the flow takes no such value; it takes: {there}", field=f"input/{name}")
    for one in plan.inputs:
        if one.required and given.get(one.name) is None:
            raise InputError("the flow needs this value", field=f"input/{one.name}")
    defaults = {one.name: one.default for one in plan.inputs if one.default is not None}
    return {**defaults, **given}


def new_run(plan: Plan, wish: RunWish, *, run_id: RunId, tenant: str, now_ms: int) -> Run:
    """Return a run that has not begun.

    Raises:
        InputError: As `inputs_of`.
    """
    event = wish.event
    origin = wish.origin
    if event is not None and event.ref.row_id:
        origin = replace(origin, event_row_id=event.ref.row_id, event_kind=event.ref.kind.value)
    return Run(
        run_id=run_id,
        tenant=tenant,
        number=0,
        flow=plan.ref,
        name=plan.name,
        target="" if event is None else event.path or event.subject or event.type,
        state=RunState.RUNNING,
        steps={step.id: RunStep(id=step.id) for step in plan.steps},
        origin=origin,
        event=None if event is None else kept_event(event),
        input=inputs_of(plan, wish.input),
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWish:
    """How somebody wants a run done again."""

    origin: Origin
    #: with the results of the steps before it; None = all of it
    step: str | None = None
    #: by the version that is published now, not by its own
    newest: bool = False
    #: all that it is begun with; None = what the other run was begun with, as far as the version takes it
    input: Mapping[str, JsonValue] | None = None


def replayed(plan: Plan, old: Run, wish: ReplayWish, *, run_id: RunId, now_ms: int) -> Run:
    """Return a run that does another one again: all of it, or from one step on with the results of those before.

    Raises:
        InputError: The flow has no such step, or the input does not fit it.
    """
    step = wish.step
    again = frozenset(plan.by_id)
    if step is not None:
        if step not in plan.by_id:
            raise InputError(f"the flow has no such step; it has {', '.join(plan.by_id)}", field="from_step", step=step)
        again = from_step({one.id: one.needs for one in plan.steps}, step)
    known = {one.name for one in plan.inputs}
    given = wish.input if wish.input is not None else {k: value for k, value in old.input.items() if k in known}
    steps: dict[str, RunStep] = {}
    for one in plan.steps:
        before = old.steps.get(one.id)
        is_kept = one.id not in again and before is not None and before.state in _DONE
        steps[one.id] = replace(before, reused=True, reversible=False) if is_kept and before else RunStep(id=one.id)
    return replace(
        old, run_id=run_id, number=0, flow=plan.ref, name=plan.name, state=RunState.RUNNING, steps=steps,
        input=inputs_of(plan, given),
        origin=replace(wish.origin, replay_of=old.run_id, replay_from=step), reason="", goal=None, keeps_effects=False,
        ended=sum(one.reused for one in steps.values()), lines=0, revision=1, created_at_ms=now_ms,
        updated_at_ms=now_ms, finished_at_ms=None,
    )  # fmt: skip
