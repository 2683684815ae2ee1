"""`gwf letters`: what failed for good anywhere, by cause; looked at, done again, given up."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(name="letters", no_args_is_help=True, help="Dead letters of the centre: what failed for good.")

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]…", help="Letters (ltr-…) or causes; none = as the options say.")
]
Kind = Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help="upload, task, event … Repeatable.")]
ErrorClass = Annotated[list[str] | None, typer.Option("--class", metavar="CLASS", help="Error class. Repeatable.")]
Agent = Annotated[list[str] | None, typer.Option("--agent", metavar="ID", help="Id of an agent. Repeatable.")]
Text = Annotated[str, typer.Option("--text", metavar="TEXT", help="Part of what it is about, message or id.")]
All = Annotated[bool, typer.Option("--all", help="All open letters that the options leave.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Letters at most, the oldest first.")]
Rate = Annotated[float | None, typer.Option("--rate", metavar="N", min=0.1, help="Letters in a second.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do; change nothing.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]


@app.command("ls")
def ls(
    *,
    letters: Annotated[bool, typer.Option("--letters", help="Single letters instead of causes.")] = False,
    kind: Kind = None,
    error_class: ErrorClass = None,
    agent: Agent = None,
    text: Text = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List open dead letters by cause, the largest group first."""
    from gwf.cli import letters_desk, running

    wanted = letters_desk.Narrowed(kind or [], error_class or [], agent or [], text)
    letters_desk.print_letters(running.find(data, config), wanted, single=letters, as_json=as_json)


@app.command("show")
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help="A letter.")],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one letter, and what of it can be changed before it is done again."""
    from gwf.cli import letters_desk, running

    letters_desk.print_letter(running.find(data, config), letter, as_json=as_json)


@app.command("probe")
def probe(
    cause: Annotated[str, typer.Argument(metavar="CAUSE", help="A cause, as ls shows it, or a letter.")],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether a cause is gone. Exit code 0: gone; 4: not, or not known."""
    from gwf.cli import letters_desk, running

    raise typer.Exit(letters_desk.probe(running.find(data, config), cause, as_json=as_json))


@app.command("replay")
def replay(
    names: Names = None,
    *,
    every: All = False,
    kind: Kind = None,
    error_class: ErrorClass = None,
    agent: Agent = None,
    text: Text = "",
    poison: Annotated[bool, typer.Option("--poison", help="Those too that failed again after a replay.")] = False,
    edit: Annotated[
        str, typer.Option("--edit", metavar="JSON", help="What is to be changed of the one letter that is named.")
    ] = "",
    limit: Limit = None,
    rate: Rate = None,
    dry_run: DryRun = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the run has ended.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do dead letters again: the same work, with no second effect of what was done."""
    from gwf.cli import letters_desk, running

    wanted = letters_desk.Narrowed(kind or [], error_class or [], agent or [], text)
    body = letters_desk.order_of(names or [], wanted, every=every)
    body |= {"reason": reason, "poison": poison, **letters_desk.edit_of(edit)}
    body |= {name: value for name, value in (("limit", limit), ("rate_per_s", rate)) if value is not None}
    letters_desk.order(running.find(data, config), "replay", body, dry_run=dry_run, wait=wait, as_json=as_json)


@app.command("drop")
def drop(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; needed, and kept in the audit.")],
    names: Names = None,
    *,
    every: All = False,
    kind: Kind = None,
    error_class: ErrorClass = None,
    agent: Agent = None,
    text: Text = "",
    limit: Limit = None,
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give dead letters up for good."""
    from gwf.cli import letters_desk, running

    wanted = letters_desk.Narrowed(kind or [], error_class or [], agent or [], text)
    body = letters_desk.order_of(names or [], wanted, every=every) | {"reason": reason}
    body |= {} if limit is None else {"limit": limit}
    letters_desk.order(running.find(data, config), "drop", body, dry_run=dry_run, wait=False, as_json=as_json)


@app.command("runs")
def runs(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List runs over dead letters, the newest first."""
    from gwf.cli import letters_desk, running

    letters_desk.print_runs(running.find(data, config), as_json=as_json)
