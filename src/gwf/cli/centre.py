"""`gwf centre`: how the edge on this host stands with its centre; enrol it, or take it away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="centre",
    no_args_is_help=True,
    help="The centre that the edge on this host reports to: how they stand, enrol, leave. It talks to its HTTP port.",
)

TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", help="File with the enrolment token. Default: it is asked for."),
]


@app.command("status")
def status(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show how this edge stands with its centre. Exit code 1 unless the centre answered the last heartbeat."""
    from gwf.cli import centre_desk, running

    raise typer.Exit(0 if centre_desk.print_status(running.find(data, config), as_json=as_json) else 1)


@app.command("enrol")
def enrol(
    *,
    token_file: TokenFile = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enrol this edge at the centre that its configuration names, with a token that is not kept.

    An edge that is enrolled already gets a new credential; for the centre it stays the same agent.
    """
    from gwf.cli import centre_desk, running

    process = running.find(data, config)
    centre_desk.enrol(process, centre_desk.token_of(token_file), as_json=as_json)


@app.command("leave")
def leave(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Forget this edge's credential. It carries files as before and enrols again only by `gwf centre enrol`.

    What the centre set stays in force; `gwf config apply FILE` puts the host's own file into force.
    """
    from gwf.cli import centre_desk, running

    centre_desk.leave(running.find(data, config), as_json=as_json)
