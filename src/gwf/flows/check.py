"""Checks what steps of a flow do against the kinds of tasks that there are, as far as templates let it be known."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.events.model import JsonValue
from gwf.flows.faults import FlowFaults
from gwf.flows.model import Deed, Plan
from gwf.rules.faults import below
from gwf.rules.template import Filling, Template
from gwf.tasks.worker.catalog import Catalog, FaultyTaskError


def check_kinds(plan: Plan, catalog: Catalog) -> None:
    """Refuse a flow whose steps cannot be done.

    Raises:
        FaultyFlowError: A kind is not known, or a configuration cannot work whatever its templates become.
    """
    faults = FlowFaults()
    for number, step in enumerate(plan.steps):
        at = f"/steps/{number}"
        _check(step.deed, at, catalog, faults=faults)
        if step.compensation is not None:
            _check(step.compensation, below(at, "compensate"), catalog, faults=faults)
    faults.raise_any()


def _check(deed: Deed, at: str, catalog: Catalog, *, faults: FlowFaults) -> None:
    if deed.kind not in catalog.kinds:
        known = ", ".join(sorted(catalog.kinds))
        what = f"there is no {deed.kind}; there are {known}"
        faults.add(below(at, "action"), "unknown_kind", what, name=deed.kind, known=known)
        return
    try:
        catalog.check(deed.kind, {key: _written(value) for key, value in deed.config.items()})
    except FaultyTaskError as exc:
        for fault in exc.faults:
            if not _is_open(deed.config, fault.pointer.removeprefix("/config")):
                faults.add(at + fault.pointer, fault.code, fault.message)


def _is_open(config: Mapping[str, Filling], pointer: str) -> bool:
    """Tell whether a template decides about the value at a JSON pointer."""
    value: Filling | Mapping[str, Filling] = config
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Template):
            return True
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False  # a key that there is not, or that is missing
    return _has_places(value)


def _has_places(value: Filling | Mapping[str, Filling]) -> bool:
    if isinstance(value, Template):
        return True
    if isinstance(value, list):
        return any(map(_has_places, value))
    return isinstance(value, Mapping) and any(map(_has_places, value.values()))


def _written(value: Filling) -> JsonValue:
    """Return a value with something in the place of each template."""
    if isinstance(value, Template):
        return "/-"
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    return value
