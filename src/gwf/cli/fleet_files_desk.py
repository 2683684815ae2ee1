"""The work of `gwf fleet files`: asks the centre, which asks the agent; prints what it says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import typer
from pydantic import BaseModel, ValidationError

from gwf.cli import show
from gwf.cli.fleet_desk import PATH, id_of
from gwf.cli.running import Running
from gwf.core.errors import InputError, UnavailableError
from gwf.core.text import one_line
from gwf.wire.agentfiles import MAX_PAGE, ActDone, FileContent, FileLevel, FileLife, FileNode, LogLine

FOLLOW_S = 1.0
_WINDOW_BYTES = 256 * 1024
_LINES = 1_000

Told = TypeVar("Told", bound=BaseModel)
Query = Mapping[str, object]


def print_level(process: Running, agent: str, wanted: Query, *, limit: int, as_json: bool) -> None:
    """Print a directory."""
    nodes, level = list[FileNode](), None
    for level in _levels(process, agent, wanted, limit=limit):
        nodes += level.items
    if level is not None and level.stale:
        show.warn(f"the agent does not answer: this is what it said at {level.as_of}")
    if as_json:
        show.as_json({"items": [node.model_dump(mode="json") for node in nodes[:limit]]})
        return
    heads = ("name", "kind", "state", "bytes", "modified", "auto", "attempts", "files", "failed", "why")
    show.table(heads, [_row(node) for node in nodes[:limit]])


def print_life(process: Running, agent: str, path: str, *, as_json: bool) -> None:
    """Print one file."""
    life = _read(FileLife, process.get(f"{_files(process, agent)}/life?{urlencode({'path': path})}"))
    if as_json:
        show.as_json(life.model_dump(mode="json"))
        return
    node = life.node
    facts = {"path": node.path, "state": node.state or node.kind, "bytes": node.size_bytes, "object": node.address}
    for name, value in facts.items():
        show.line(f"{name:10} {'' if value is None else one_line(str(value))}")
    heads = ("step", "state", "at", "took ms", "note")
    show.table(
        heads,
        [
            (step.name, step.state, step.at or "–", "–" if step.took_ms is None else str(step.took_ms), step.note)
            for step in life.stages
        ],
    )


def tail(process: Running, agent: str, path: str, *, lines: int, follow: bool) -> None:
    """Print the end of a file, then what is added."""
    window = _content(process, agent, {"path": path, "max_bytes": _WINDOW_BYTES})
    _refuse_binary(window)
    _print(window.lines[-lines:])
    shown = window.lines[-1].offset if window.lines else -1
    while follow:
        time.sleep(FOLLOW_S)
        before = window
        window = _content(process, agent, {"path": path, "offset": window.end_offset, "max_bytes": _WINDOW_BYTES})
        if window.generation != before.generation or window.size_bytes < before.end_offset:
            window, shown = _content(process, agent, {"path": path, "offset": 0}), -1
        fresh = [line for line in window.lines if line.offset > shown]
        _print(fresh)
        shown = fresh[-1].offset if fresh else shown


def grep(process: Running, agent: str, wanted: Query, *, limit: int, as_json: bool) -> None:
    """Print lines that were found."""
    found, offset = list[LogLine](), 0
    left = limit
    while left > 0:
        answer = _content(process, agent, {**wanted, "offset": offset, "limit": min(left, _LINES)})
        _refuse_binary(answer)
        found += answer.lines
        left -= sum(1 for line in answer.lines if line.hit)
        facts = answer.search
        if facts is not None and facts.truncated:
            show.warn("the time was used up before the end of the file")
        if facts is None or facts.next_offset is None:
            break
        offset = facts.next_offset
    if as_json:
        show.as_json({"lines": [line.model_dump(mode="json") for line in found]})
    else:
        for line in found:
            show.line(f"{line.number}{':' if line.hit else '-'}{one_line(line.text, keep=chr(9))}")
    if not any(line.hit for line in found):
        raise typer.Exit(1)


def act(process: Running, agent: str, *, verb: str, order: Query, as_json: bool) -> None:
    """Send a file now, or switch sending by itself."""
    done = _read(ActDone, process.send("POST", f"{_files(process, agent)}:{verb}", dict(order)))
    if as_json:
        show.as_json(done.model_dump(mode="json"))
        return
    words = {None: "is sent now", True: "is sent by itself", False: "waits for a person"}
    show.line(f"{one_line(done.path)} {words[done.enabled]}")


def is_on(word: str) -> bool:
    """Return what on and off mean.

    Raises:
        InputError: It is neither.
    """
    if word not in {"on", "off"}:
        raise InputError("say on or off", given=word)
    return word == "on"


def _levels(process: Running, agent: str, wanted: Query, *, limit: int) -> Iterator[FileLevel]:
    files, cursor, left = _files(process, agent), None, limit
    while left > 0:
        query = {**wanted, "limit": min(left, MAX_PAGE), **({"cursor": cursor} if cursor else {})}
        level = _read(FileLevel, process.get(f"{files}?{_encoded(query)}"))
        yield level
        left, cursor = left - len(level.items), level.next_cursor
        if cursor is None:
            return


def _content(process: Running, agent: str, query: Query) -> FileContent:
    return _read(FileContent, process.get(f"{_files(process, agent)}/content?{_encoded(query)}"))


def _files(process: Running, agent: str) -> str:
    return f"{PATH}/{quote(id_of(process, agent), safe='')}/files"


def _encoded(query: Query) -> str:
    given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
    return urlencode({name: value for name, value in given.items() if value not in ("", [])}, doseq=True)


def _refuse_binary(content: FileContent) -> None:
    if content.binary is not None:
        raise InputError("the file is no text", path=content.path, type=content.binary.type or "unknown")


def _print(lines: list[LogLine]) -> None:
    for line in lines:
        show.line(one_line(line.text, keep="\t"))


def _row(node: FileNode) -> tuple[str, ...]:
    counts = node.counts
    return (
        one_line(node.name),
        node.kind,
        node.state or "",
        "" if node.size_bytes is None else str(node.size_bytes),
        node.modified_at or "",
        "" if node.auto_upload else "off",
        str(node.attempts or ""),
        "" if counts is None else str(counts.files),
        "" if counts is None else str(counts.failed),
        one_line(node.error or (node.reason.message if node.reason else "")),
    )


def _read(shape: type[Told], answer: object) -> Told:
    try:
        return shape.model_validate(answer)
    except ValidationError as exc:
        raise UnavailableError(
            "the centre's answer is not understood: is it another release?", reason=str(exc)
        ) from exc
