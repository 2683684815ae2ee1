"""`gwf flows`: tasks that belong together; written, published, run, steered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(name="flows", no_args_is_help=True, help="Flows: several tasks that belong together, and their runs.")

Flow = Annotated[str, typer.Argument(metavar="FLOW", help="Id or name of a flow.")]
FlowFile = Annotated[Path, typer.Argument(metavar="FILE", help="The flow, in YAML or JSON.", dir_okay=False)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id or number of a run.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]


@app.command("ls")
def ls(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List flows by name."""
    from gwf.cli import flows_desk, running

    flows_desk.print_flows(running.find(data, config), as_json=as_json)


@app.command("show")
def show(flow: Flow, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one flow as YAML, the draft if there is one."""
    from gwf.cli import flows_desk, running

    flows_desk.print_flow(running.find(data, config), flow, as_json=as_json)


@app.command("check")
def check(file: FlowFile, *, as_json: JsonOption = False) -> None:
    """Say what is wrong with a flow in a file; no centre is needed."""
    from gwf.cli import flows_desk

    raise typer.Exit(flows_desk.check(file, as_json=as_json))


@app.command("put")
def put(
    file: FlowFile,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a flow as a draft: a new flow, or the next version of the one that has its name."""
    from gwf.cli import flows_desk, running

    flows_desk.put(running.find(data, config), file, reason=reason, as_json=as_json)


@app.command("publish")
def publish(flow: Flow, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Let runs begin by the draft of a flow; runs under way keep their version."""
    from gwf.cli import flows_desk, running

    flows_desk.order(running.find(data, config), flow, "publish", body={"reason": reason})


@app.command("retire")
def retire(flow: Flow, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Let no further run of a flow begin."""
    from gwf.cli import flows_desk, running

    flows_desk.order(running.find(data, config), flow, "retire", body={"reason": reason})


@app.command("run")
def run(
    flow: Flow,
    *,
    path: Annotated[str | None, typer.Option("--path", metavar="PATH", help="A file that it is about.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID", help="With --path: who has the file.")] = None,
    row: Annotated[str | None, typer.Option("--event", metavar="ROW_ID", help="A stored event.")] = None,
    file_row: Annotated[str | None, typer.Option("--file-event", metavar="ROW_ID", help="A stored file event.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=VALUE", help="What it is begun with; JSON or text.")
    ] = None,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a run of a flow."""
    from gwf.cli import flow_runs_desk, running

    wish = flow_runs_desk.wish_of(path, agent, row, file_row=file_row, given=given or [])
    flow_runs_desk.begin(running.find(data, config), flow, {**wish, "reason": reason}, as_json=as_json)


@app.command("runs")
def runs(
    *,
    flow: Annotated[str | None, typer.Option("--flow", metavar="FLOW", help="Only those of one flow.")] = None,
    state: Annotated[list[str] | None, typer.Option("--state", metavar="STATE", help="May be repeated.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first."""
    from gwf.cli import flow_runs_desk, running

    flow_runs_desk.print_runs(running.find(data, config), flow, state or [], limit=limit, as_json=as_json)


@app.command("status")
def status(run: RunId, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a run with its steps."""
    from gwf.cli import flow_runs_desk, running

    flow_runs_desk.print_run(running.find(data, config), run, as_json=as_json)


@app.command("pause")
def pause(run: RunId, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Let no further step of a run begin."""
    from gwf.cli import flow_runs_desk, running

    flow_runs_desk.order(running.find(data, config), run, ":pause", body={"reason": reason})


@app.command("resume")
def resume(run: RunId, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Let a run go on: after a pause, or from the steps that failed."""
    from gwf.cli import flow_runs_desk, running

    flow_runs_desk.order(running.find(data, config), run, ":resume", body={"reason": reason})


@app.command("cancel")
def cancel(
    run: RunId,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Let stay what was done; else it is undone.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """End a run and have undone what it did, the last first."""
    from gwf.cli import flow_runs_desk, running

    flow_runs_desk.order(running.find(data, config), run, ":cancel", body={"reason": reason, "undo": not keep})


@app.command("replay")
def replay(
    run: RunId,
    *,
    from_step: Annotated[str | None, typer.Option("--from", metavar="STEP", help="Keep what came before.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=VALUE", help="In the place of what it was begun with.")
    ] = None,
    published: Annotated[bool, typer.Option("--published", help="By the version that is published now.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Begin a run that does another one again."""
    from gwf.cli import flow_runs_desk, running

    body = {"reason": reason, "from_step": from_step, "version": "published" if published else "same"}
    flow_runs_desk.replay(running.find(data, config), run, body, given=given or [])


@app.command("approve")
def approve(
    run: RunId,
    step: Annotated[str, typer.Argument(metavar="STEP", help="The step that asks.")],
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no: the step fails.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say yes, or no, to a step that asks for approval."""
    from gwf.cli import flow_runs_desk, running

    verb = "refuse" if refuse else "approve"
    flow_runs_desk.order(running.find(data, config), run, f"/steps/{step}:{verb}", body={"reason": reason})
