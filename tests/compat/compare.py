"""Compares an answer with the recorded one: what differs, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.compat.recording import Exchange
from tests.compat.stage import Answer

#: headers that clients act on; of the others the value differs per answer or nobody looks
HEADERS = (
    "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin", "content-type",
    "location", "vary", "x-content-type-options", "x-dashboard-cache",
)  # fmt: skip

_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
#: RFC 3339 in UTC without zeros at the end of the fraction
_GO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z")
#: texts that differ per run, by the name of their member and their form
_VOLATILE = (
    (re.compile(r"^(updated|time|latest|lastLoaded|lastPoll|nextPoll)$"), _LOCAL_TIME),
    (re.compile(r"^latency$"), re.compile(r"\d+ ms")),
    (re.compile(r"^trend$"), re.compile(r"\d\d-\d\d 00:00-现在")),
    (re.compile(r"^label$"), re.compile(r"\d\d:\d\d")),
    (re.compile(r"^(lastSeenAt|createdAt|updatedAt|finishedAt|eventTime)$"), _GO_TIME),
    (re.compile(r"^lastUpdated$"), re.compile(r"\d\d:\d\d:\d\d")),
)
#: lists whose elements are told apart by a member and not by their place
_KEYED = {"files": "path", "directoryTree": "path", "children": "path"}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as it was recorded."""

    #: status, header:<name>, body, or the place in the JSON: /files[/w/a.log]/status
    where: str
    recorded: Any
    ours: Any

    def __str__(self) -> str:
        """Return a line for people."""
        return f"{self.where}: recorded {_short(self.recorded)}, ours {_short(self.ours)}"


def compare(exchange: Exchange, answer: Answer) -> list[Mismatch]:
    """Return everything that differs."""
    found: list[Mismatch] = []
    if answer.status != exchange.status:
        found.append(Mismatch("status", exchange.status, answer.status))
    for name in HEADERS:
        recorded, ours = exchange.answer_headers.get(name), answer.headers.get(name)
        if recorded is None and name == "x-content-type-options":
            continue  # ours is sent with every answer
        if recorded != ours:
            found.append(Mismatch(f"header:{name}", recorded, ours))
    found.extend(_body(exchange, answer))
    return found


def _body(exchange: Exchange, answer: Answer) -> Iterator[Mismatch]:
    if exchange.path == "/metrics" and exchange.status == 200:
        yield from _families(str(exchange.answer), answer.body.decode())
        return
    if not exchange.is_json:
        if str(exchange.answer).encode() != answer.body:
            yield Mismatch("body", exchange.answer, answer.body.decode("utf-8", "replace"))
        return
    try:
        ours = json.loads(answer.body)
    except ValueError:
        yield Mismatch("body", exchange.answer, answer.body.decode("utf-8", "replace"))
        return
    if not answer.body.endswith(b"\n"):
        yield Mismatch("body", "a newline at the end", answer.body[-20:].decode("utf-8", "replace"))
    yield from _values("", exchange.answer, ours)


def _families(recorded: str, ours: str) -> Iterator[Mismatch]:
    """Compare names and types of metrics; values and order differ per run."""
    there, here = (dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)) for text in (recorded, ours))
    for name, kind in there.items():
        if here.get(name) != kind:
            yield Mismatch(f"metric:{name}", kind, here.get(name))


def _values(where: str, recorded: Any, ours: Any) -> Iterator[Mismatch]:
    if isinstance(recorded, dict) and isinstance(ours, dict):
        yield from _members(where, recorded, ours)
    elif isinstance(recorded, list) and isinstance(ours, list):
        yield from _elements(where, recorded, ours)
    elif (type(recorded) is not type(ours) and not _both_numbers(recorded, ours)) or (
        recorded != ours and not _is_volatile(where, recorded, ours)
    ):
        yield Mismatch(where, recorded, ours)


def _members(where: str, recorded: dict[str, Any], ours: dict[str, Any]) -> Iterator[Mismatch]:
    yield from _named(recorded, ours, order=f"{where}/ order", place=lambda name: f"{where}/{name}")


def _elements(where: str, recorded: Sequence[Any], ours: Sequence[Any]) -> Iterator[Mismatch]:
    key = _KEYED.get(where.rpartition("/")[2])
    if key is not None:
        there, here = {item[key]: item for item in recorded}, {item[key]: item for item in ours}
        yield from _named(there, here, order=f"{where} order", place=lambda name: f"{where}[{name}]")
        return
    if len(recorded) != len(ours):
        yield Mismatch(f"{where} length", len(recorded), len(ours))
    for number, (one, other) in enumerate(zip(recorded, ours, strict=False)):
        yield from _values(f"{where}[{number}]", one, other)


def _named(
    recorded: dict[str, Any], ours: dict[str, Any], *, order: str, place: Callable[[str], str]
) -> Iterator[Mismatch]:
    """Compare what has names: which there are, in which order, and each."""
    common = [name for name in recorded if name in ours]
    if common != [name for name in ours if name in recorded]:
        yield Mismatch(order, list(recorded), list(ours))
    for name, item in recorded.items():
        if name not in ours:
            yield Mismatch(place(name), item, None)
    for name, item in ours.items():
        if name not in recorded:
            yield Mismatch(f"{place(name)} more", None, item)
    for name in common:
        yield from _values(place(name), recorded[name], ours[name])


def _both_numbers(recorded: Any, ours: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (recorded, ours))


def _is_volatile(where: str, recorded: Any, ours: Any) -> bool:
    if where.startswith("/system"):  # facts of the host: their kind is compared, not their value
        return True
    name = where.rpartition("/")[2]
    return isinstance(recorded, str) and any(
        names.match(name) and form.fullmatch(recorded) and form.fullmatch(ours) for names, form in _VOLATILE
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 160 else text[:157] + "…"


def as_object(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}
