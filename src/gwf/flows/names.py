"""Checks what templates and conditions of a flow name: steps that have ended by then, values of a run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gwf.flows.faults import FlowFaults
from gwf.flows.graph import before
from gwf.flows.model import Plan, PlannedStep
from gwf.rules.faults import below, is_list, is_object

_HOLE = re.compile(r"\$(?:\$|\{([^{}:]*)(?::-[^{}]*)?\})")
_OF_RUN = frozenset({"id", "number", "flow", "started_by"})
#: keys of a step whose texts are templates or conditions
_READ = ("config", "agent", "when", "compensate")


@dataclass(frozen=True, slots=True)
class Names:
    """Looks through a flow that has no other fault."""

    plan: Plan
    faults: FlowFaults

    def check(self, document: Mapping[str, object]) -> None:
        """Add a fault for each name that means nothing where it stands."""
        written = document.get("steps")
        earlier = before({step.id: step.needs for step in self.plan.steps})
        for number, step in enumerate(self.plan.steps):
            item = written[number] if is_list(written) else None
            if not is_object(item):
                continue
            for key in _READ:
                for at, name in _names(item.get(key), below(f"/steps/{number}", key)):
                    known = earlier[step.id] | (frozenset({step.id}) if key == "compensate" else frozenset[str]())
                    self._check(name, at, step, known=known)

    def _check(self, name: str, at: str, step: PlannedStep, *, known: frozenset[str]) -> None:
        family, _, rest = name.partition(".")
        first = rest.partition(".")[0]
        if family == "steps" and first not in known:
            if first in self.plan.by_id:
                what = f"{first!r} may not have ended when {step.id!r} begins: add it to its needs, or to theirs"
                self.faults.add(at, "not_before", what, name=first, step=step.id)
            else:
                there = ", ".join(self.plan.by_id)
                what = f"there is no step {first!r}; there are {there}"
                self.faults.add(at, "unknown_step", what, name=first, known=there)
        if family == "input" and first not in {one.name for one in self.plan.inputs}:
            what = f"the flow has no input {first!r}: declare it under input"
            self.faults.add(at, "unknown_input", what, name=first)
        if family == "run" and first not in _OF_RUN:
            there = ", ".join(sorted(_OF_RUN))
            self.faults.add(at, "unknown_field", f"of a run there are {there}", name=name, known=there)


def _names(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Yield the fields that a part of a document names, with their places."""
    if isinstance(value, str):
        yield from ((at, found[1]) for found in _HOLE.finditer(value) if found[1] is not None)
    elif is_list(value):
        for number, item in enumerate(value):
            yield from _names(item, f"{at}/{number}")
    elif is_object(value):
        for key, item in value.items():
            if key == "field" and isinstance(item, str):
                yield below(at, key), item
            else:
                yield from _names(item, below(at, key))
