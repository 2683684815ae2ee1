"""The work of `gwf flows` about flows as documents: asks the centre, reads files with them, prints what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from gwf.cli import show
from gwf.cli.fleet_desk import read
from gwf.cli.rules_desk import document_of
from gwf.cli.running import Running
from gwf.core.errors import NotFoundError
from gwf.core.settings.plain import plain_yaml
from gwf.flows.faults import FaultyFlowError
from gwf.flows.parse import read_flow
from gwf.wire.flows import FlowItem, FlowPage, FlowView

PATH = "/api/v1/flows"


def print_flows(process: Running, *, as_json: bool) -> None:
    """Print all flows."""
    page = read(FlowPage, process.get(PATH))
    if as_json:
        show.as_json(page.model_dump(mode="json"))
        return
    show.table(("name", "flow", "state", "version", "actions", "runs"), [_row(item) for item in page.items])


def print_flow(process: Running, name: str, *, as_json: bool) -> None:
    """Print one flow."""
    view = read(FlowView, process.get(place_of(process, name)))
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    show.line(plain_yaml(dict(view.flow)).rstrip())


def check(file: Path, *, as_json: bool) -> int:
    """Print what is wrong with a flow; return the exit code."""
    try:
        plan = read_flow(document_of(file))
    except FaultyFlowError as exc:
        faults = [{"pointer": one.pointer, "code": one.code, "message": one.message} for one in exc.faults]
        if as_json:
            show.as_json({"faults": faults})
        else:
            show.table(("place", "what is wrong"), [(one["pointer"] or "/", one["message"]) for one in faults])
        return 2
    if as_json:
        show.as_json({"faults": []})
    else:
        show.line(f"{plan.name}: usable, {len(plan.steps)} steps")
    return 0


def put(process: Running, file: Path, *, reason: str, as_json: bool) -> None:
    """Write a flow as a draft and print where it is."""
    document = document_of(file)
    name = str(document.get("name", ""))
    known = next((item for item in read(FlowPage, process.get(PATH)).items if item.name == name), None)
    body = {"flow": document, "reason": reason}
    if known is None:
        answer = process.send("POST", PATH, body)
    else:
        answer = process.send("PUT", f"{PATH}/{quote(known.flow_id, safe='')}", body)
    view = read(FlowView, answer)
    if as_json:
        show.as_json(view.model_dump(mode="json"))
        return
    show.line(
        f"{view.name} ({view.flow_id}): version {view.draft_version} is a draft; publish it to let runs begin by it"
    )


def order(process: Running, name: str, verb: str, *, body: Mapping[str, object]) -> None:
    """Do something to a flow and print where it is then."""
    view = read(FlowView, process.send("POST", f"{place_of(process, name)}:{verb}", body))
    version = "no run begins" if view.published_version is None else f"runs begin by version {view.published_version}"
    show.line(f"{view.name} ({view.flow_id}): {version}")


def place_of(process: Running, name: str) -> str:
    """Return the path of a flow by its id or name.

    Raises:
        NotFoundError: There is none.
    """
    items = read(FlowPage, process.get(PATH)).items
    found = next((item for item in items if name in {item.flow_id, item.name}), None)
    if found is None:
        raise NotFoundError("no such flow", flow=name)
    return f"{PATH}/{quote(found.flow_id, safe='')}"


def _row(item: FlowItem) -> tuple[object, ...]:
    state = item.state if item.draft_version is None or item.state == "draft" else f"{item.state}, draft"
    runs = ", ".join(f"{count} {name}" for name, count in item.runs.items())
    return (item.name, item.flow_id, state, item.version, ", ".join(item.actions), runs)
