"""`gwf config`: look at the configuration of the running process and change it, without dropping a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="config",
    no_args_is_help=True,
    help="The configuration of the running process: look at it, change it, go back. It talks to its HTTP port.",
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A whole configuration, as --config would name it.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the version.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and compare only; change nothing.")]


@app.command("show")
def show(
    *,
    version: Annotated[
        int | None, typer.Option(metavar="N", help="An older version instead of the one in force.")
    ] = None,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value came from, and what the file says.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the configuration in force, secrets masked."""
    from gwf.cli import config_desk, running

    config_desk.print_view(running.find(data, config), version, origin=origin, as_json=as_json)


@app.command("diff")
def diff(
    file: File,
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what putting FILE into force would change. Exit code 1 when it would change something."""
    from gwf.cli import config_desk, running

    outcome = config_desk.apply(running.find(data, config), file, dry_run=True)
    raise typer.Exit(1 if config_desk.print_outcome(outcome, as_json=as_json) else 0)


@app.command("apply")
def apply(
    file: File,
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    base_version: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse unless version N is in force: nobody changed it meanwhile.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the configuration in FILE into force; what was set at run time and is not in FILE ends.

    A configuration that is wrong is refused whole with every problem (exit code 2), and the old one stays.
    """
    from gwf.cli import config_desk, running

    process = running.find(data, config)
    outcome = config_desk.apply(process, file, reason=reason, dry_run=dry_run, base_version=base_version)
    config_desk.print_outcome(outcome, as_json=as_json)


@app.command("versions")
def versions(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the versions that are kept, newest first."""
    from gwf.cli import config_desk, running

    config_desk.print_versions(running.find(data, config), as_json=as_json)


@app.command("rollback")
def rollback(
    number: Annotated[int, typer.Argument(metavar="N", help="Number of the version.", min=1)],
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put version N into force again, as a new version. Exit code 3 when it is not kept."""
    from gwf.cli import config_desk, running

    process = running.find(data, config)
    config_desk.print_outcome(config_desk.rollback(process, number, reason=reason, dry_run=dry_run), as_json=as_json)
