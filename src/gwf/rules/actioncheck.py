"""Tells which actions of a rule can never work, whatever the event is: their templates are filled in all ways. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from gwf.control.config.model import Fault
from gwf.events.model import JsonValue
from gwf.rules.edge import carrying_faults
from gwf.rules.faults import below
from gwf.rules.model import Rule, RuleAction
from gwf.rules.template import Filling, Template

#: what a place may become: a name, a path, a number. A fault that stays with each of them is one of the rule
STAND_INS = ("x", "/x", "1")

Check = Callable[[str, Mapping[str, JsonValue]], Sequence[Fault]]
"""Returns what is wrong with the configuration of a kind of action; pointers begin with /type or /config."""


def no_check(_kind: str, _config: Mapping[str, JsonValue]) -> Sequence[Fault]:
    """Find nothing: where nobody knows the actions."""
    return ()


def action_faults(rule: Rule, check: Check) -> tuple[Fault, ...]:
    """Return what is wrong with the actions of a rule, each with its place in the rule."""
    if rule.carries:
        return tuple(carrying_faults(rule))
    return tuple(
        Fault(pointer=_placed(fault.pointer, place), code=fault.code, message=fault.message)
        for place, action in enumerate(rule.then)
        for fault in _of_action(action, check)
    )


def _of_action(action: RuleAction, check: Check) -> Iterator[Fault]:
    open_places = set(_open(action.config, "/config"))
    has_templates = next(_templates(action.config), None) is not None
    tries = [
        {fault.pointer: fault for fault in check(action.kind, _object(action.config, stand_in))}
        for stand_in in (STAND_INS if has_templates else STAND_INS[:1])
    ]
    for pointer, fault in tries[0].items():
        if all(pointer in found for found in tries) and not any(_is_below(pointer, one) for one in open_places):
            yield fault


def _placed(pointer: str, place: int) -> str:
    if pointer == "/type":
        return f"/then/{place}/action"
    return f"/then/{place}{pointer}"


def _is_below(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(place + "/")


def _object(config: Mapping[str, Filling], stand_in: str) -> dict[str, JsonValue]:
    return {key: _filled(value, stand_in) for key, value in config.items()}


def _filled(value: Filling, stand_in: str) -> JsonValue:
    if isinstance(value, Template):
        return value.with_stand_in(stand_in)
    if isinstance(value, list):
        return [_filled(item, stand_in) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, stand_in) for key, item in value.items()}
    return value


def _open(value: Filling | Mapping[str, Filling], at: str) -> Iterator[str]:
    """Yield the places whose whole value comes from the event, of any kind."""
    if isinstance(value, Template):
        if value.is_open:
            yield at
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _open(item, f"{at}/{number}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _open(item, below(at, key))


def _templates(value: Filling | Mapping[str, Filling]) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _templates(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _templates(item)
