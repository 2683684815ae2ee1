"""The work of `gwf events`: asks the centre, prints what it says."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode

import typer
from pydantic import TypeAdapter, ValidationError

from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.clock import utc_text
from gwf.core.errors import InputError, UnavailableError
from gwf.core.text import one_line
from gwf.core.units import format_size
from gwf.wire.events import EventPage, EventView, FileEventPage, FileEventView

EVERY_S = 1.0  #: how often `tail` asks
FIRST = 10  #: events that `tail` begins with
BACK_S = 120.0  #: events that came later than they happened are found so far back
REMEMBERED = 20_000  #: ids of events that were printed

T = TypeVar("T")
_EVENT_HEADS = ("time", "severity", "type", "agent", "subject", "id")
_FILE_HEADS = ("time", "status", "agent", "store", "size", "class", "path", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events, as the options of a command say it."""

    kind: str
    agents: Sequence[str] | None
    types: Sequence[str] | None
    severity: str | None
    statuses: Sequence[str] | None
    classes: Sequence[str] | None
    selector: str | None
    path: str | None
    text: str | None

    @property
    def files(self) -> bool:
        """Whether file events are meant."""
        return self.kind == "files"

    def query(self) -> list[tuple[str, str]]:
        """Return the parameters of the API.

        Raises:
            InputError: An option belongs to the other list.
        """
        self._refuse_others()
        many = {"agent": self.agents, "type": self.types, "status": self.statuses, "error_class": self.classes}
        one = {
            "min_severity": self.severity, "selector": self.selector, "path_prefix": self.path, "text": self.text
        }  # fmt: skip
        found = [(name, value) for name, values in many.items() for value in values or ()]
        return found + [(name, value) for name, value in one.items() if value is not None]

    def _refuse_others(self) -> None:
        of_events = {"--type": self.types, "--severity": self.severity}
        of_files = {"--status": self.statuses, "--class": self.classes, "--path": self.path}
        for option, value in (of_events if self.files else of_files).items():
            if value:
                other = "events" if self.files else "files"
                raise InputError(
                    "this option belongs to the other list; name it with --kind", option=option, kind=other
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a list."""

    last_s: float = 0.0
    cursor: str | None = None
    limit: int = 50


def print_page(process: Running, wanted: Wanted, part: Part, *, as_json: bool) -> None:
    """Print one page and how to see the next one."""
    page = _page(process, wanted, part)
    if as_json:
        show.as_json(page.model_dump(mode="json"))
        return
    _print_table(page)
    if page.next_cursor:
        show.warn(f"there is more; go on with --cursor {page.next_cursor}")


def follow(process: Running, wanted: Wanted, *, as_json: bool, pause: Callable[[float], None] = time.sleep) -> None:
    """Print events as they come until the process of this command is interrupted."""
    for item in _news(process, wanted, pause):
        if as_json:
            typer.echo(one_line(json.dumps(item.model_dump(mode="json"), ensure_ascii=False)))
        else:
            show.line("  ".join("" if cell is None else str(cell) for cell in _cells(item)))


def print_event(process: Running, row_id: str, *, files: bool, as_json: bool) -> None:
    """Print one event."""
    name = quote(row_id, safe="")
    if not files:
        event = _read(EventView, process.get(f"/api/v1/events/{name}"))
        _print_facts(event.model_dump(mode="json"), as_json=as_json)
        return
    file_event = _read(FileEventView, process.get(f"/api/v1/file-events/{name}"))
    life = _read(FileEventPage, process.get(f"/api/v1/file-events/{name}/life"))
    if as_json:
        show.as_json({"event": file_event.model_dump(mode="json"), "life": life.model_dump(mode="json")})
        return
    _print_facts(file_event.model_dump(mode="json"), as_json=False)
    show.table(_FILE_HEADS, [_cells(item) for item in life.items], title="Life of the path")


def _news(process: Running, wanted: Wanted, pause: Callable[[float], None]) -> Iterator[EventView | FileEventView]:
    printed: set[str] = set()
    order: deque[str] = deque()
    first = True
    while True:
        part = Part(last_s=86_400.0 if first else BACK_S, limit=FIRST if first else 1_000)
        items: Sequence[EventView | FileEventView] = _page(process, wanted, part).items
        for item in reversed(items):
            if item.row_id not in printed:
                printed.add(item.row_id)
                order.append(item.row_id)
                yield item
        while len(order) > REMEMBERED:
            printed.discard(order.popleft())
        first = False
        pause(EVERY_S)


def _page(process: Running, wanted: Wanted, part: Part) -> EventPage | FileEventPage:
    query = [*wanted.query(), ("limit", str(part.limit))]
    if part.cursor is not None:
        query.append(("cursor", part.cursor))
    else:
        query.append(("since", utc_text(round((time.time() - part.last_s) * 1000))))
    path = "/api/v1/file-events" if wanted.files else "/api/v1/events"
    answer = process.get(f"{path}?{urlencode(query)}")
    return _read(FileEventPage, answer) if wanted.files else _read(EventPage, answer)


def _print_table(page: EventPage | FileEventPage) -> None:
    heads = _FILE_HEADS if isinstance(page, FileEventPage) else _EVENT_HEADS
    show.table(heads, [_cells(item) for item in page.items])
    if not page.items:
        show.line(f"Nothing happened between {page.since} and {page.until}.")


def _cells(item: EventView | FileEventView) -> tuple[object, ...]:
    if isinstance(item, EventView):
        return item.time, item.severity, item.type, item.agent_id, item.subject, item.row_id
    size = None if item.size_bytes is None else format_size(item.size_bytes)
    return item.time, item.status, item.agent_id, item.store, size, item.error_class, item.path, item.row_id


def _print_facts(facts: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        show.as_json(facts)
        return
    rows = [
        (name, json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)
        for name, value in facts.items()
    ]
    show.table(("fact", "value"), rows)


def _read(shape: type[T], answer: object) -> T:
    try:
        return TypeAdapter(shape).validate_python(answer)
    except ValidationError as exc:
        raise UnavailableError("the centre answers in a form that this release does not know") from exc
