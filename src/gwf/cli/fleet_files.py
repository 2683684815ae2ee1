"""`gwf fleet files`: directories and files of an agent, seen from the centre."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="files",
    no_args_is_help=True,
    help="Files below the watched directories of an agent: list them, see their ends, find text, send one now.",
)

Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Id of an agent, or its hostname if only one has it.")]
Path = Annotated[str, typer.Argument(metavar="PATH", help="Absolute path below a watched directory of the agent.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]


@app.command("ls")
def ls(
    agent: Agent,
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="A directory; none = the watched ones.")] = "",
    *,
    name: Annotated[str, typer.Option("--name", metavar="PATTERN", help="Part of the name, or with * and ?.")] = "",
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="STATE", help="done, dead, waiting …; may be repeated.")
    ] = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="KEY", help="name, size, modified, state, attempts; -size …")
    ] = "name",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = 1_000,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a directory of an agent with the state of each file."""
    from gwf.cli import fleet_files_desk, running

    wanted = {"path": path, "name": name, "state": list(state or ()), "sort": sort}
    fleet_files_desk.print_level(running.find(data, config), agent, wanted, limit=limit, as_json=as_json)


@app.command("show")
def show(
    agent: Agent, path: Path, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show the life of one file: when it was found, finished, queued, sent, and what followed."""
    from gwf.cli import fleet_files_desk, running

    fleet_files_desk.print_life(running.find(data, config), agent, path, as_json=as_json)


@app.command("tail")
def tail(
    agent: Agent,
    path: Path,
    *,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=2_000, help="So many of the last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added, until Ctrl-C.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the last lines of a text file of an agent; reading is on record."""
    from gwf.cli import fleet_files_desk, running

    fleet_files_desk.tail(running.find(data, config), agent, path, lines=lines, follow=follow)


@app.command("grep")
def grep(
    agent: Agent,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a line must hold.")],
    path: Path,
    *,
    regex: Annotated[bool, typer.Option("--regex", "-E", help="TEXT is a regular expression.")] = False,
    case: Annotated[bool, typer.Option("--case", help="Upper and lower case differ.")] = False,
    level: Annotated[
        list[str] | None, typer.Option("--level", metavar="LEVEL", help="error, warn, info, debug; may be repeated.")
    ] = None,
    context: Annotated[int, typer.Option("--context", "-C", min=0, max=20, help="Lines around each.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many lines found.")] = 1_000,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print lines of a text file of an agent that hold a text; exit code 1 when there are none."""
    from gwf.cli import fleet_files_desk, running

    wanted = {
        "path": path, "q": text, "regex": regex, "case_sensitive": case, "level": list(level or ()), "context": context,
    }  # fmt: skip
    fleet_files_desk.grep(running.find(data, config), agent, wanted, limit=limit, as_json=as_json)


@app.command("upload")
def upload(
    agent: Agent,
    path: Path,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one file now, whatever filters and switches say, and again if it was sent before."""
    from gwf.cli import fleet_files_desk, running

    order = {"path": path, "reason": reason}
    fleet_files_desk.act(running.find(data, config), agent, verb="upload", order=order, as_json=as_json)


@app.command("auto")
def auto(
    agent: Agent,
    path: Path,
    switch: Annotated[str, typer.Argument(metavar="on|off", help="Whether it is sent by itself.")],
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file, or all below a directory, by itself or not."""
    from gwf.cli import fleet_files_desk, running

    order = {"path": path, "enabled": fleet_files_desk.is_on(switch), "reason": reason}
    fleet_files_desk.act(running.find(data, config), agent, verb="auto-upload", order=order, as_json=as_json)
