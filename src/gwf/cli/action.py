"""`gwf action`: look at actions after uploads, say what they would do, run and undo them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="action", help="Actions after an upload: look, say what they would do, run, undo.", no_args_is_help=True
)

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID", help="Runs by id, as `gwf action ls` shows them.")]
PathOption = Annotated[Path | None, typer.Option("--path", metavar="FILE", help="All steps of this file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")]


@app.command("ls")
def ls(
    *,
    states: Annotated[
        list[str] | None,
        typer.Option("--state", metavar="STATE", help="Only runs in this state; may be repeated."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Runs at most.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List runs of actions, newest first, and how many are in each state.

    States: ready, running, failed, done, refused, undone.
    """
    from gwf.cli import action_desk

    with action_desk.opened(data, config) as desk:
        action_desk.print_runs(desk, states or [], limit=limit, as_json=as_json)


@app.command("describe")
def describe(
    run_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="A run.")] = None,
    *,
    path: PathOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a run, or each step for a file, would do now, and what it did so far. Changes nothing."""
    from gwf.cli import action_desk

    with action_desk.opened(data, config) as desk:
        action_desk.print_described(desk, action_desk.chosen(run_id, path), as_json=as_json)


@app.command("validate")
def validate(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check on this host that configured steps and allowed programs can work. Exit code 1 when one cannot."""
    from gwf.cli import action_desk

    raise typer.Exit(action_desk.print_problems(config, as_json=as_json))


@app.command("run")
def run(
    ids: Ids = None,
    *,
    path: PathOption = None,
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run steps now: failed or refused ones by ID, or those of a file. Exit code 1 when one does not end as done.

    A step runs only for a file whose upload the journal calls verified, as in the agent.
    """
    from gwf.cli import action_desk

    with action_desk.opened(data, config) as desk:
        target = action_desk.chosen(ids, path)
        if dry_run:
            action_desk.print_described(desk, target, as_json=as_json)
            return
        raise typer.Exit(action_desk.run_all(desk, target, as_json=as_json))


@app.command("compensate")
def compensate(
    ids: Annotated[list[int], typer.Argument(metavar="ID", help="Runs that are done.")],
    *,
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo steps: bring archived or deleted files back, run a program's undo command.

    Exit code 1 when one could not be undone; it stays done then.
    """
    from gwf.cli import action_desk

    with action_desk.opened(data, config) as desk:
        raise typer.Exit(action_desk.undo_all(desk, ids, dry_run=dry_run, as_json=as_json))
