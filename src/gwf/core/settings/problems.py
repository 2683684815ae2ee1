"""Turns validation errors into lines that a person can act on: key, value, what is wrong, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from pydantic_core import ErrorDetails

from gwf.core.settings.addresses import without_user_info
from gwf.core.settings.draft import Draft, Loc, is_block, is_list, value_at
from gwf.core.settings.effective import MASK
from gwf.core.settings.legacy.keys import KEY_TYPES
from gwf.core.settings.schema import BLOCKS, Kind, Shape, allowed, shape_at

MAX_SHOWN_CHARS = 80

_KEY_MARK = "[key]"  # how pydantic marks an error in the name of a map entry
_NAME_RULE = "up to 64 letters, digits, - and _ (labels also .)"
_STAND_INS = {"path": "/nonexistent/{}", "url": "memory://"}  # for required keys, so that the other checks can run


def explain(draft: Draft, faults: Iterable[ErrorDetails]) -> None:
    """Add one problem for each fault that the validation found."""
    for details in faults:
        loc = details["loc"]
        if loc[-1] == _KEY_MARK:
            draft.problem(loc[:-1], f"is no usable name here; allowed: {_NAME_RULE}")
        else:
            _explain_value(draft, loc, details)


def without_faults(tree: dict[str, object], faults: Iterable[ErrorDetails]) -> dict[str, object]:
    """Return a copy of `tree` without the faulty values, so that the rest can still be judged."""
    mended = _copy(tree)
    places = [details["loc"] for details in faults]
    for at, loc in enumerate(places):
        if loc[-1] != _KEY_MARK:
            _mend(mended, loc, at)
    for loc in places:
        if loc[-1] == _KEY_MARK and is_block(block := value_at(mended, loc[:-2])):
            block.pop(str(loc[-2]), None)
    return mended


def shown(value: object, shape: Shape | None) -> str:
    """Return a value as it may appear in a message: short, on one line, secrets masked."""
    if is_block(value):
        return "a block of keys"
    if is_list(value):
        return "a list"
    if shape is not None and shape.kind in BLOCKS:
        return "text" if isinstance(value, str) else "a single value"
    if shape is None or shape.kind is Kind.SECRET:
        return MASK
    text = without_user_info(repr(value))
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


def nearest(word: str, known: Iterator[str] | list[str]) -> str:
    """Return `; did you mean X?` for a likely slip, else ""."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _explain_value(draft: Draft, loc: Loc, details: ErrorDetails) -> None:
    shape = shape_at(loc)
    match details["type"]:
        case "extra_forbidden":
            _explain_unknown(draft, loc)
        case "missing":
            draft.problem(loc, f"is required; allowed: {_allowed(shape)}")
        case "value_error":
            reason = str(details.get("ctx", {}).get("error", details["msg"]))
            draft.problem(loc, reason, shown=shown(details["input"], shape))
        case _:
            text = f"is not allowed here; allowed: {_allowed(shape)}{_quote_hint(details['input'], shape)}"
            draft.problem(loc, text, shown=shown(details["input"], shape))


def _explain_unknown(draft: Draft, loc: Loc) -> None:
    parent = shape_at(loc[:-1])
    keys = list(parent.section.model_fields) if parent is not None and parent.section is not None else []
    if len(loc) == 1 and loc[0] in KEY_TYPES:
        draft.problem(loc, "is a key of the Go version: keep one form, its keys or ours, in a file")
        return
    hint = nearest(str(loc[-1]), keys) or f"; known here: {', '.join(keys)}"
    draft.problem(loc, f"unknown key{hint}")


def _allowed(shape: Shape | None) -> str:
    return allowed(shape) if shape is not None else "nothing"


def _quote_hint(value: object, shape: Shape | None) -> str:
    wants_text = shape is not None and shape.kind in {Kind.TEXT, Kind.SECRET, Kind.PATH}
    return " (put it in quotes)" if wants_text and isinstance(value, (int, float)) else ""


def _copy(block: dict[str, object]) -> dict[str, object]:
    return {key: _copied(value) for key, value in block.items()}


def _copied(value: object) -> object:
    if is_block(value):
        return _copy(value)
    return [_copied(item) for item in value] if is_list(value) else value


def _mend(tree: dict[str, object], loc: Loc, number: int) -> None:
    """Take the value at `loc` out; where something must stand, put in what no other check objects to."""
    holder, last = value_at(tree, loc[:-1]), loc[-1]
    if is_list(holder) and isinstance(last, int):
        if loc[:2] == ("agent", "watch") and len(loc) == 3:
            holder[last] = {"path": _STAND_INS["path"].format(number)}
        else:
            _mend(tree, loc[:-1], number)
    elif is_block(holder):
        holder.pop(str(last), None)
        if loc[0] == "stores" and len(loc) == 2:
            holder[str(last)] = {"url": _STAND_INS["url"]}
        elif last in _STAND_INS:
            holder[str(last)] = _STAND_INS[str(last)].format(number)
