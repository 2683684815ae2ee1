"""The work of `gwf flows` about runs: begins them, lists them, steers them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from gwf.cli import show
from gwf.cli.fleet_desk import read
from gwf.cli.flows_desk import place_of
from gwf.cli.running import Running
from gwf.core.errors import InputError, NotFoundError
from gwf.wire.flows import FlowRunItem, FlowRunOutcome, FlowRunPage, FlowRunView

PATH = "/api/v1/flow-runs"


def wish_of(
    path: str | None, agent: str | None, row: str | None, *, file_row: str | None, given: Sequence[str]
) -> Mapping[str, object]:
    """Return what a run is to be about, and what it is begun with.

    Raises:
        InputError: Several events are named, or an input has no name.
    """
    named: Sequence[tuple[object, dict[str, object]]] = (
        (path, {"path": path, "agent_id": agent}),
        (row, {"row_id": row, "kind": "event"}),
        (file_row, {"row_id": file_row, "kind": "file"}),
    )
    events = [event for name, event in named if name is not None]
    if len(events) > 1:
        raise InputError("name at most one event: --path, --event or --file-event")
    return {**(events[0] if events else {}), "input": dict(map(_value, given))}


def _value(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError("an input is written NAME=VALUE", given=text)
    try:
        return name, json.loads(value)
    except ValueError:  # plain text
        return name, value


def begin(process: Running, flow: str, wish: Mapping[str, object], *, as_json: bool) -> None:
    """Begin a run and print it."""
    outcome = read(FlowRunOutcome, process.send("POST", f"{place_of(process, flow)}:run", wish))
    if as_json:
        show.as_json(outcome.model_dump(mode="json"))
        return
    show.line(_told(outcome.run))


def print_runs(process: Running, flow: str | None, states: Sequence[str], *, limit: int, as_json: bool) -> None:
    """Print runs."""
    query: list[tuple[str, object]] = [("limit", limit), *(("state", state) for state in states)]
    if flow is not None:
        query.append(("flow", place_of(process, flow).rpartition("/")[2]))
    page = read(FlowRunPage, process.get(f"{PATH}?{urlencode(query)}"))
    if as_json:
        show.as_json(page.model_dump(mode="json"))
        return
    heads = ("number", "run", "flow", "state", "about", "begun", "by", "why")
    show.table(heads, [_row(item) for item in page.items])


def print_run(process: Running, name: str, *, as_json: bool) -> None:
    """Print a run with its steps."""
    view = read(FlowRunView, process.get(_place(process, name)))
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    show.line(_told(view))
    rows = [
        (step.id, step.action, step.state, ", ".join(step.needs), step.task_id, step.duration_ms, step.error)
        for step in view.steps
    ]
    show.table(("step", "action", "state", "needs", "task", "ms", "why"), rows)


def order(process: Running, name: str, verb: str, *, body: Mapping[str, object]) -> None:
    """Do something to a run and print where it is then."""
    show.line(_told(read(FlowRunView, process.send("POST", f"{_place(process, name)}{verb}", body))))


def replay(process: Running, name: str, wish: Mapping[str, object], *, given: Sequence[str]) -> None:
    """Begin a run that does another one again, with some values in the place of those that it was begun with."""
    path = _place(process, name)
    body = dict(wish)
    if given:
        body["input"] = {**read(FlowRunView, process.get(path)).input, **dict(map(_value, given))}
    show.line(_told(read(FlowRunView, process.send("POST", f"{path}:replay", body))))


def _place(process: Running, name: str) -> str:
    """Return the path of a run by its id, or by its number among the newest."""
    if not name.isdecimal():
        return f"{PATH}/{quote(name, safe='')}"
    page = read(FlowRunPage, process.get(f"{PATH}?limit=500"))
    found = next((item for item in page.items if item.number == int(name)), None)
    if found is None:
        raise NotFoundError("none of the newest 500 runs has this number: name its id", number=name)
    return f"{PATH}/{quote(found.run_id, safe='')}"


def _told(run: FlowRunItem) -> str:
    why = f": {run.reason}" if run.reason else ""
    return f"{run.name} #{run.number} ({run.run_id}) is {run.state}{why}"


def _row(item: FlowRunItem) -> tuple[object, ...]:
    return (
        item.number, item.run_id, f"{item.name} v{item.version}", item.state, item.target, item.created_at,
        item.started_by, item.reason,
    )  # fmt: skip
