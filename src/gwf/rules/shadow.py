"""Finds rules that can never match because one before them says stop and asks for no more. Pure.

What it finds is certain; it does not find all. A back-test tells what happened to real events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from gwf.events.model import JsonValue
from gwf.rules.decision import RuleVersion
from gwf.rules.matcher import (
    All,
    Any,
    Compare,
    Glob,
    InWindow,
    LabelsMatch,
    Matcher,
    Not,
    SeverityIs,
    Size,
    Suffix,
    TypeIs,
)
from gwf.rules.model import Rule

MAX_COMPARED = 2_000  #: rules before a rule that are looked at


def shadowed(rules: Iterable[Rule]) -> Mapping[str, RuleVersion]:
    """Return by the id of each rule that can never match the rule that keeps it from it; in the order of asking."""
    stopping: list[Rule] = []
    found: dict[str, RuleVersion] = {}
    for rule in sorted((one for one in rules if one.enabled), key=lambda one: one.order):
        first = next((before for before in stopping[:MAX_COMPARED] if implies(rule.when, before.when)), None)
        if first is not None:
            found[rule.ref.rule_id] = first.ref
        elif rule.stops:
            stopping.append(rule)
    return found


def implies(narrow: Matcher, wide: Matcher) -> bool:
    """Tell whether every event that fulfils `narrow` certainly fulfils `wide`."""
    match wide:
        case All(parts=parts):
            return all(implies(narrow, part) for part in parts)
        case Any(parts=parts) if not isinstance(narrow, Any):
            return any(implies(narrow, part) for part in parts) or _by_parts(narrow, wide)
        case _:
            return _by_parts(narrow, wide)


def _by_parts(narrow: Matcher, wide: Matcher) -> bool:
    match narrow:
        case All(parts=parts):
            return any(implies(part, wide) for part in parts)
        case Any(parts=parts):
            return bool(parts) and all(implies(part, wide) for part in parts)
        case Not(part=inner) if isinstance(wide, Not):
            return implies(wide.part, inner)
        case _:
            return _leaf(narrow, wide)


def _leaf(narrow: Matcher, wide: Matcher) -> bool:
    match narrow, wide:
        case TypeIs(), TypeIs():
            return _types(narrow, wide)
        case ((Suffix() | Glob()), Suffix()):
            return _ends(narrow, wide)
        case Glob(), Glob():
            return all(any(_covers(other, glob) for other in wide.globs) for glob in narrow.globs)
        case Size(), Size():
            return wide.least <= narrow.least and (
                wide.most is None or (narrow.most is not None and narrow.most <= wide.most)
            )
        case SeverityIs(), SeverityIs():
            return wide.least <= narrow.least and narrow.most <= wide.most
        case LabelsMatch(), LabelsMatch():
            return set(wide.selector.terms) <= set(narrow.selector.terms)
        case _:
            return _same(narrow, wide)


def _types(narrow: TypeIs, wide: TypeIs) -> bool:
    exact = all(name in wide.exact or name.startswith(wide.begins) for name in narrow.exact)
    return exact and all(name.startswith(wide.begins) for name in narrow.begins)


def _ends(narrow: Suffix | Glob, wide: Suffix) -> bool:
    if isinstance(narrow, Suffix) and narrow.ignore_case and not wide.ignore_case:
        return False
    ends = narrow.ends if isinstance(narrow, Suffix) else narrow.tails
    return all((end.lower() if wide.ignore_case else end).endswith(wide.ends) for end in ends)


def _same(narrow: Matcher, wide: Matcher) -> bool:
    """Tell whether two conditions say the same, wherever they stand."""
    match narrow, wide:
        case InWindow(), InWindow():
            return narrow.window == wide.window
        case Compare(), Compare():
            return (narrow.field, narrow.op, narrow.ignore_case, _typed(narrow.operand)) == (
                wide.field, wide.op, wide.ignore_case, _typed(wide.operand),
            )  # fmt: skip
        case _:
            return False


def _typed(operand: JsonValue) -> str:
    return json.dumps(operand)


def _covers(wide: str, narrow: str) -> bool:
    """Tell whether one glob takes all that another takes, in the cases people write."""
    if wide in {narrow, "/**"}:
        return True
    if wide.endswith("/**") and not set("*?[\\") & set(wide[:-3]):
        return narrow.startswith(wide[:-2])
    return False
