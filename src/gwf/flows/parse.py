"""Reads a whole flow strictly from the document that people write. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from gwf.control.config.canonical import canonical
from gwf.core.errors import TooLargeError
from gwf.events.model import JsonValue
from gwf.flows.faults import FlowFaults
from gwf.flows.graph import circle
from gwf.flows.model import (
    MAX_DESCRIPTION_CHARS,
    MAX_DOCUMENT_BYTES,
    MAX_INPUTS,
    MAX_NAME_CHARS,
    MAX_STEPS,
    MAX_TITLE_CHARS,
    FlowVersion,
    Input,
    OnFailure,
    Plan,
    PlannedStep,
)
from gwf.flows.names import Names
from gwf.flows.steps import WORD, StepReader
from gwf.rules.faults import below, is_list, is_object
from gwf.tasks.model import Priority

KEYS = ("name", "description", "owner", "priority", "on_failure", "input", "steps")
_INPUT_KEYS = ("description", "required", "default")
DRAFT = FlowVersion("draft", 0)


def read_flow(document: object, ref: FlowVersion = DRAFT) -> Plan:
    """Return the flow that a document says.

    Raises:
        FaultyFlowError: Something in it is wrong; it has all faults.
        TooLargeError: It has more than MAX_DOCUMENT_BYTES.
        InputError: It is no JSON.
    """
    faults = FlowFaults()
    found = faults.mapping(document, "", "a flow")
    faults.raise_any()
    size = len(canonical(found or {}))
    if size > MAX_DOCUMENT_BYTES:
        raise TooLargeError("the flow is too large", max_bytes=MAX_DOCUMENT_BYTES, bytes=size)
    plan = _flow(found or {}, ref, faults)
    faults.raise_any()
    return plan


def _flow(found: Mapping[str, object], ref: FlowVersion, faults: FlowFaults) -> Plan:
    faults.keys(found, "", KEYS)
    for key in ("name", "steps"):
        if key not in found:
            faults.add("", "missing", f"{key} is missing")
    for key, most in (("description", MAX_DESCRIPTION_CHARS), ("owner", MAX_NAME_CHARS)):
        if key in found:
            faults.text(found[key], below("", key), most=most, least=0)
    words = [one.word for one in Priority]
    priority = faults.choice(found.get("priority", "normal"), "/priority", words)
    on_failure = faults.choice(found.get("on_failure", OnFailure.STOP.value), "/on_failure", [*OnFailure])
    steps = _steps(found.get("steps", []), faults)
    plan = Plan(
        ref=ref,
        name=_name(found, faults),
        priority=Priority[(priority or "normal").upper()],
        on_failure=OnFailure(on_failure or OnFailure.STOP),
        inputs=_inputs(found.get("input", {}), faults),
        steps=steps,
        by_id={step.id: step for step in steps},
    )
    if not faults.found:
        Names(plan, faults).check(found)
    return plan


def _name(found: Mapping[str, object], faults: FlowFaults) -> str:
    name = faults.text(found["name"], "/name", most=MAX_NAME_CHARS) if "name" in found else None
    if name is not None and (name != name.strip() or not name.isprintable()):
        faults.add("/name", "bad_name", "a name stands on one line, without blanks around it")
    return name or ""


def _inputs(value: object, faults: FlowFaults) -> tuple[Input, ...]:
    given = faults.mapping(value, "/input", "the input") or {}
    if len(given) > MAX_INPUTS:
        faults.add("/input", "too_many", f"at most {MAX_INPUTS} values")
        return ()
    return tuple(_input(name, one, faults) for name, one in given.items())


def _input(name: str, value: object, faults: FlowFaults) -> Input:
    at = below("/input", name)
    if not _INPUT.fullmatch(name):
        faults.add(at, "bad_name", "a value is named with a-z, 0-9 and _, such as bucket")
    found = {} if value is None else faults.mapping(value, at, "what a run is begun with") or {}
    faults.keys(found, at, _INPUT_KEYS)
    text = faults.text(found.get("description", ""), below(at, "description"), most=MAX_TITLE_CHARS, least=0)
    required = faults.flag(found.get("required", False), below(at, "required"))
    if required and "default" in found:
        faults.add(below(at, "default"), "not_needed", "what is required has no default: leave one of both out")
    return Input(name=name, description=text or "", required=required, default=cast("JsonValue", found.get("default")))


_INPUT = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _steps(value: object, faults: FlowFaults) -> tuple[PlannedStep, ...]:
    if not is_list(value) or not value:
        faults.add("/steps", "no_steps", "a list with at least one step is needed")
        return ()
    if len(value) > MAX_STEPS:
        faults.add("/steps", "too_many", f"at most {MAX_STEPS} steps", most=str(MAX_STEPS))
        return ()
    reader = StepReader(faults)
    steps = tuple(reader.read(item, f"/steps/{number}") for number, item in enumerate(value))
    _check_ids(steps, faults)
    _check_needs(steps, value, faults)
    return steps


def _check_ids(steps: Sequence[PlannedStep], faults: FlowFaults) -> None:
    ids = [step.id for step in steps]
    for number, name in enumerate(ids):
        if name and name in ids[:number]:
            faults.add(f"/steps/{number}/id", "not_unique", f"another step is called {name!r}", name=name)


def _check_needs(steps: Sequence[PlannedStep], written: Sequence[object], faults: FlowFaults) -> None:
    known = {step.id for step in steps}
    for number, step in enumerate(steps):
        item = written[number]
        is_one = is_object(item) and not is_list(item.get("needs"))
        for place, need in enumerate(step.needs):
            at = f"/steps/{number}/needs" if is_one else f"/steps/{number}/needs/{place}"
            if need == step.id:
                faults.add(at, "circle", "a step cannot wait for itself", steps=need)
            elif WORD.fullmatch(need) and need not in known:
                there = ", ".join(sorted(known))
                faults.add(at, "unknown_step", f"there is no step {need!r}; there are {there}", name=need, known=there)
    if not faults.found:
        around = circle({step.id: step.needs for step in steps})
        for number, step in enumerate(steps):
            if step.id in around:
                names = ", ".join(around)
                what = f"these steps wait for each other: {names}"
                faults.add(f"/steps/{number}/needs", "circle", what, steps=names)
