"""One directory as a table: filtered, ordered and cut into pages. Pure."""

from __future__ import annotations

import base64
import binascii
import bisect
import fnmatch
import json
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gwf.agent.files.nodes import Thing, ns_of
from gwf.agent.model import show_path
from gwf.core.errors import InputError
from gwf.wire.agentfiles import LevelFacts, LevelQuery, NodeKind

Key = tuple[int | str | bytes, bytes]
"""What a thing is ordered by; the name decides between equals."""


class BadCursorError(InputError):
    """The cursor is none of ours, or of another order."""

    code = "invalid_cursor"


def kind_of(mode: int) -> NodeKind:
    """Return what a mode of lstat(2) means here."""
    if stat.S_ISDIR(mode):
        return "dir"
    if stat.S_ISREG(mode):
        return "file"
    return "link" if stat.S_ISLNK(mode) else "other"


@dataclass(slots=True)
class Table:
    """A directory at one moment."""

    directory: bytes
    things: list[Thing]
    at_ms: int
    #: kept until then; monotonic
    until_s: float
    _facts: LevelFacts | None = None
    _orders: dict[str, tuple[list[Thing], list[Thing]]] = field(
        default_factory=dict[str, tuple[list[Thing], list[Thing]]]
    )

    def facts(self) -> LevelFacts:
        """Return how many things of each kind there are."""
        if self._facts is None:
            self._facts = self._counted()
        return self._facts

    def _counted(self) -> LevelFacts:
        files = [thing for thing in self.things if thing.kind != "dir"]
        states = Counter(thing.state for thing in files if thing.state is not None)
        classes = Counter(thing.error_class for thing in files if thing.error_class)
        return LevelFacts(
            dirs=len(self.things) - len(files),
            files=len(files),
            size_bytes=sum(thing.size_bytes or 0 for thing in files if thing.on_disk),
            states={str(state): count for state, count in states.items()},
            error_classes=dict(classes),
        )

    def page(self, query: LevelQuery, *, is_auto: Callable[[Thing], bool]) -> tuple[list[Thing], str | None, int]:
        """Return the things of a page, the cursor of the next one, and how many there are in all.

        `is_auto` tells whether a thing is sent by itself.

        Raises:
            BadCursorError: The cursor is not of this order.
            InputError: A time of the filter is none.
        """
        fits = wanted(query)
        found = [thing for part in self._ordered(query.sort) for thing in part]
        if fits is not None:
            found = list(filter(fits, found))
        if query.auto_upload is not None:
            found = [thing for thing in found if is_auto(thing) is query.auto_upload]
        start = 0 if query.cursor is None else _place(found, query.sort, query.cursor)
        some = found[start : start + query.limit]
        more = start + len(some) < len(found)
        return some, cursor_of(some[-1], query.sort) if more and some else None, len(found)

    def _ordered(self, sort: str) -> tuple[list[Thing], list[Thing]]:
        known = self._orders.get(sort)
        if known is None:
            key, reverse = _KEYS[sort.removeprefix("-")], sort.startswith("-")
            dirs = sorted((thing for thing in self.things if thing.kind == "dir"), key=_by_name)
            if reverse and sort == "-name":
                dirs.reverse()
            files = sorted((thing for thing in self.things if thing.kind != "dir"), key=key, reverse=reverse)
            known = self._orders[sort] = (dirs, files)
        return known


def _by_name(thing: Thing) -> Key:
    return thing.name.lower(), thing.name


_KEYS: dict[str, Callable[[Thing], Key]] = {
    "name": _by_name,
    "size": lambda thing: (-1 if thing.size_bytes is None else thing.size_bytes, thing.name),
    "modified": lambda thing: (-(2**63) if thing.mtime_ns is None else thing.mtime_ns, thing.name),
    "state": lambda thing: (thing.state or "", thing.name),
    "attempts": lambda thing: (thing.attempts, thing.name),
}


def cursor_of(thing: Thing, sort: str) -> str:
    """Return the cursor of the page that begins behind a thing."""
    value = _KEYS[sort.removeprefix("-")](thing)[0] if thing.kind != "dir" else ""
    shown = value.hex() if isinstance(value, bytes) else value
    text = json.dumps([sort, thing.kind == "dir", shown, thing.name.hex()])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(found: Sequence[Thing], sort: str, cursor: str) -> int:
    """Return where a page begins: behind the thing of the cursor, or where that would stand."""
    is_dir, value, name = _read(cursor, sort)
    dirs = bisect.bisect_left(found, 1, key=lambda thing: int(thing.kind != "dir"))
    by = "name" if is_dir else sort.removeprefix("-")
    reverse = sort == "-name" if is_dir else sort.startswith("-")
    part, offset = (found[:dirs], 0) if is_dir else (found[dirs:], dirs)
    key = _KEYS[by]
    mark: Key = (name.lower() if is_dir else value, name)
    try:
        if not reverse:
            return offset + bisect.bisect_right(part, mark, key=key)
        return offset + len(part) - bisect.bisect_left(part[::-1], mark, key=key)
    except TypeError as exc:  # a value of another kind
        raise _bad_cursor() from exc


def _read(cursor: str, sort: str) -> tuple[bool, int | str | bytes, bytes]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        given, is_dir, value, name = raw
        if given != sort or not isinstance(is_dir, bool) or not isinstance(value, (int, str)):
            raise _bad_cursor()
        plain = bytes.fromhex(value) if isinstance(value, str) and sort.endswith("name") else value
        return is_dir, plain, bytes.fromhex(name)
    except (binascii.Error, ValueError, TypeError, RecursionError) as exc:
        raise _bad_cursor() from exc


def _bad_cursor() -> BadCursorError:
    return BadCursorError("this is no cursor of this list; begin without one", field="cursor")


def wanted(query: LevelQuery) -> Callable[[Thing], bool] | None:
    """Return what tells whether a thing passes the filters; None when all do.

    Raises:
        InputError: A time is none.
    """
    tests = [*_shape_tests(query), *_fact_tests(query)]
    if query.name:
        tests.append(_name_test(query.name))
    return (lambda thing: all(test(thing) for test in tests)) if tests else None


def _shape_tests(query: LevelQuery) -> Iterable[Callable[[Thing], bool]]:
    if query.kind != "all":
        yield lambda thing: (thing.kind == "dir") is (query.kind == "dir")
    if not query.gone:
        yield lambda thing: thing.on_disk
    if query.state:
        states = frozenset(query.state)
        yield lambda thing: thing.state in states
    if query.error_class:
        classes = frozenset(query.error_class)
        yield lambda thing: thing.error_class in classes
    if query.store:
        yield lambda thing: thing.store == query.store


def _fact_tests(query: LevelQuery) -> Iterable[Callable[[Thing], bool]]:
    least, most = query.min_bytes, query.max_bytes
    if least is not None:
        yield lambda thing: thing.size_bytes is not None and thing.size_bytes >= least
    if most is not None:
        yield lambda thing: thing.size_bytes is not None and thing.size_bytes <= most
    if query.modified_from is not None:
        first = _ns("modified_from", query.modified_from)
        yield lambda thing: thing.mtime_ns is not None and thing.mtime_ns >= first
    if query.modified_to is not None:
        last = _ns("modified_to", query.modified_to)
        yield lambda thing: thing.mtime_ns is not None and thing.mtime_ns < last


def _name_test(name: str) -> Callable[[Thing], bool]:
    lower = name.lower()
    if not any(char in lower for char in "*?["):
        return lambda thing: lower in show_path(thing.name).lower()
    fits = re.compile(fnmatch.translate(lower)).match
    return lambda thing: fits(show_path(thing.name).lower()) is not None


def _ns(name: str, text: str) -> int:
    try:
        return ns_of(text)
    except (ValueError, OverflowError) as exc:
        raise InputError("this is no RFC 3339 time with a zone", field=name, given=text[:40]) from exc
