"""How a field is compared with what a rule says: the operators. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gwf.events.model import JsonValue
from gwf.rules.facts import MISSING
from gwf.rules.faults import Faults, is_list, kind_of
from gwf.rules.pattern import MAX_CHARS, PatternError, glob_searcher, searcher

MAX_VALUES = 1_000  #: of `in`
MAX_TEXT_CHARS = 4_096
#: operators for which `ignore_case` means something
OF_TEXT = frozenset({"eq", "ne", "in", "not_in", "contains", "begins", "ends", "regex"})

Holds = Callable[[object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An operator with its operand."""

    holds: Holds
    #: values that fulfil it; None = not so few, or not these alone
    values: tuple[JsonValue, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands beside an operator in a rule."""

    operand: object
    #: JSON pointer of it
    at: str
    ignore_case: bool
    faults: Faults


def read_comparison(op: str, given: Given) -> Comparison | None:
    """Return an operator of OPERATORS with its operand; None, and a fault, when the operand is wrong."""
    return OPERATORS[op](given)


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _key(value: object) -> tuple[str, object]:
    """Return what two equal values share: 1 is 1.0, and neither is true or "1"."""
    return ("number" if _is_number(value) else type(value).__name__, value)


def _folded(value: object, *, ignore_case: bool) -> object:
    return value.lower() if ignore_case and isinstance(value, str) else value


def _scalar(value: object, at: str, faults: Faults) -> bool:
    if not _is_scalar(value):
        faults.add(at, "wrong_type", f"a text, a number, true, false or null is needed, this is {kind_of(value)}")
        return False
    if isinstance(value, str):
        return faults.text(value, at, most=MAX_TEXT_CHARS, least=0) is not None
    return True


def _one_of(given: Given) -> Comparison | None:
    ignore_case = given.ignore_case
    items = list(given.faults.items(given.operand, given.at, most=MAX_VALUES, what="value"))
    if not all([_scalar(item, place, given.faults) for place, item in items]) or not items:  # noqa: C419  # tells all
        return None
    wanted = frozenset(_key(_folded(item, ignore_case=ignore_case)) for _, item in items)

    def holds(value: object) -> bool:
        return _is_scalar(value) and _key(_folded(value, ignore_case=ignore_case)) in wanted

    values: list[JsonValue] = [item for _, item in items if item is None or isinstance(item, (bool, int, float, str))]
    return Comparison(holds=holds, values=None if ignore_case else tuple(values))


def _none_of(given: Given) -> Comparison | None:
    """As a selector's `!=`: it holds also where the event has no such value."""
    inner = _one_of(given)
    return None if inner is None else Comparison(holds=lambda value: not inner.holds(value))


def _alone(given: Given) -> Given:
    return replace(given, operand=[given.operand])


def _equals(given: Given) -> Comparison | None:
    return _one_of(_alone(given)) if _scalar(given.operand, given.at, given.faults) else None


def _differs(given: Given) -> Comparison | None:
    return _none_of(_alone(given)) if _scalar(given.operand, given.at, given.faults) else None


def _number(compare: Callable[[float, float], bool]) -> _Read:
    def read(given: Given) -> Comparison | None:
        operand = given.operand
        if not isinstance(operand, (int, float)) or isinstance(operand, bool):
            given.faults.add(given.at, "wrong_type", f"a number is needed, this is {kind_of(operand)}")
            return None
        limit = operand

        def holds(value: object) -> bool:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and compare(value, limit)

        return Comparison(holds=holds)

    return read


def _exists(given: Given) -> Comparison | None:
    operand = given.operand
    if not isinstance(operand, bool):
        given.faults.add(given.at, "wrong_type", f"true or false is needed, this is {kind_of(operand)}")
        return None
    return Comparison(holds=lambda value: (value is not MISSING) is operand)


def _text(fits: Callable[[str, tuple[str, ...]], bool]) -> _Read:
    """Return the reader of an operator on texts with one or several operands, of which one has to fit."""

    def read(given: Given) -> Comparison | None:
        ignore_case = given.ignore_case
        found = given.faults.texts(given.operand, given.at, most=MAX_VALUES, chars=MAX_TEXT_CHARS, what="text")
        wanted = tuple(text.lower() if ignore_case else text for _, text in found)
        if not wanted:
            return None

        def holds(value: object) -> bool:
            if isinstance(value, str):
                return fits(value.lower() if ignore_case else value, wanted)
            return False

        return Comparison(holds=holds)

    return read


def _contains(given: Given) -> Comparison | None:
    """A text that has one of these within, or a list that has one of them as an item."""
    inside = _text(lambda value, wanted: any(text in value for text in wanted))(given)
    same = None if inside is None else _one_of(given)
    if inside is None or same is None:
        return None
    return Comparison(holds=lambda value: any(map(same.holds, value)) if is_list(value) else inside.holds(value))


def _regex(given: Given) -> Comparison | None:
    text = given.faults.text(given.operand, given.at, most=MAX_CHARS)
    if text is None:
        return None
    try:
        search = searcher(text, ignore_case=given.ignore_case)
    except PatternError as exc:
        given.faults.add(given.at, "bad_regex", f"this is no regular expression of RE2: {exc}")
        return None
    return Comparison(holds=lambda value: isinstance(value, str) and search(value))


def _glob(given: Given) -> Comparison | None:
    text = given.faults.text(given.operand, given.at, most=MAX_CHARS)
    if text is None:
        return None
    try:
        search = glob_searcher(text)
    except PatternError as exc:
        given.faults.add(given.at, "bad_glob", f"this is no glob: {exc}")
        return None
    return Comparison(holds=lambda value: isinstance(value, str) and search(value))


_Read = Callable[[Given], Comparison | None]
OPERATORS: Mapping[str, _Read] = {
    "eq": _equals,
    "ne": _differs,
    "in": _one_of,
    "not_in": _none_of,
    "lt": _number(lambda value, limit: value < limit),
    "le": _number(lambda value, limit: value <= limit),
    "gt": _number(lambda value, limit: value > limit),
    "ge": _number(lambda value, limit: value >= limit),
    "exists": _exists,
    "contains": _contains,
    "begins": _text(lambda value, wanted: value.startswith(wanted)),
    "ends": _text(lambda value, wanted: value.endswith(wanted)),
    "glob": _glob,
    "regex": _regex,
}
