"""Collects what is wrong with a rule, each fault with its place and with what would be right."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeGuard

from gwf.control.config.check import FaultyDocumentError
from gwf.control.config.model import Fault
from gwf.events.model import is_storable

MAX_FAULTS = 50  #: that are told at once


class FaultyRuleError(FaultyDocumentError):
    """A rule is refused as a whole; `faults` lists what is wrong with it."""

    code = "invalid_rule"


@contextmanager
def placed(at: str) -> Generator[None]:
    """Let faults of the block name their places below a JSON pointer."""
    try:
        yield
    except FaultyDocumentError as exc:
        moved = tuple(replace(fault, pointer=at + fault.pointer) for fault in exc.faults)
        raise type(exc)(exc.message, faults=moved) from exc


class Faults:
    """What was found while a document was read."""

    def __init__(self, *, in_run: bool = False) -> None:
        """Begin with none; `in_run` says that what is read may name values of the run of a flow."""
        self.found: list[Fault] = []
        self.in_run = in_run

    def add(self, at: str, code: str, message: str, **params: str) -> None:
        """Add a fault at a JSON pointer, with the values of its message by name."""
        if len(self.found) < MAX_FAULTS:
            self.found.append(Fault(pointer=at, code=code, message=message, params=params))

    def add_type(self, at: str, message: str, *, want: str, value: object) -> None:
        """Add that a value is of another JSON type than is wanted; `want` as JSON Schema calls it."""
        self.add(at, "wrong_type", message, want=want, have=type_of(value))

    def raise_any(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            FaultyRuleError: Something is wrong.
        """
        if self.found:
            raise FaultyRuleError("the rule cannot be used as it is", faults=tuple(self.found))

    # -- readers: each returns None and adds a fault where a value is not what it has to be ---------------

    def mapping(self, value: object, at: str, what: str) -> Mapping[str, object] | None:
        """Return a JSON object."""
        if is_object(value):
            return value
        self.add_type(at, f"{what} is an object, such as {{…}}; this is {kind_of(value)}", want="object", value=value)
        return None

    def items(self, value: object, at: str, *, most: int, what: str) -> Iterator[tuple[str, object]]:
        """Yield the pointer and value of each item of a list; a single value counts as a list of one."""
        found = value if is_list(value) else [value]
        if not found:
            self.add(at, "empty", f"name at least one {what}")
        if len(found) > most:
            self.add(at, "too_many", f"at most {most}, these are {len(found)}", most=str(most))
            return
        for number, item in enumerate(found):
            yield (f"{at}/{number}" if is_list(value) else at), item

    def keys(self, value: Mapping[str, object], at: str, allowed: Iterable[str]) -> None:
        """Add a fault for each key that is not allowed."""
        known = list(allowed)
        for key in value.keys() - set(known):
            allowed_words = ", ".join(known)
            what = f"{key!r} is no key here; allowed are {allowed_words}"
            self.add(below(at, key), "unknown_key", what, key=key, allowed=allowed_words)

    def text(self, value: object, at: str, *, most: int, least: int = 1) -> str | None:
        """Return a text of `least` to `most` characters."""
        if not isinstance(value, str):
            self.add_type(at, f"a text is needed, this is {kind_of(value)}", want="string", value=value)
        elif not least <= len(value) <= most:
            what = f"{least} to {most} characters are allowed, these are {len(value)}"
            self.add(at, "wrong_length", what, least=str(least), most=str(most), count=str(len(value)))
        elif not is_storable(value):
            self.add(at, "bad_text", "a NUL or half of a surrogate pair is not allowed")
        else:
            return value
        return None

    def texts(self, value: object, at: str, *, most: int, chars: int, what: str) -> list[tuple[str, str]]:
        """Return texts, each with its pointer; a single one counts as a list of one."""
        found: list[tuple[str, str]] = []
        for place, item in self.items(value, at, most=most, what=what):
            text = self.text(item, place, most=chars)
            if text is not None:
                found.append((place, text))
        return found

    def flag(self, value: object, at: str) -> bool:
        """Return true or false; false where it is neither."""
        if not isinstance(value, bool):
            self.add_type(at, f"true or false is needed, this is {kind_of(value)}", want="boolean", value=value)
            return False
        return value

    def number(self, value: object, at: str, *, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.add_type(at, f"a whole number is needed, this is {kind_of(value)}", want="integer", value=value)
        elif not least <= value <= most:
            self.add(at, "out_of_range", f"{least} to {most} is allowed", least=str(least), most=str(most))
        else:
            return value
        return None

    def choice(self, value: object, at: str, allowed: Iterable[str]) -> str | None:
        """Return one of the words that are allowed."""
        known = list(allowed)
        if isinstance(value, str) and value in known:
            return value
        allowed_words = ", ".join(known)
        self.add(
            at, "unknown_word", f"one of {allowed_words} is needed, this is {_shown(value)}", allowed=allowed_words
        )
        return None


def below(at: str, key: str) -> str:
    """Return the JSON pointer of a key of the object at `at`."""
    return f"{at}/{key.replace('~', '~0').replace('/', '~1')}"


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether a JSON value is a list."""
    return isinstance(value, list)


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case _:
            return "a list" if is_list(value) else "an object"


def type_of(value: object) -> str:
    """Return what JSON Schema calls a JSON value."""
    names = {
        "null": "null", "true or false": "boolean", "a number": "number", "a text": "string", "a list": "array",
    }  # fmt: skip
    return names.get(kind_of(value), "object")


def _shown(value: object) -> str:
    return repr(value[:40]) if isinstance(value, str) else kind_of(value)
