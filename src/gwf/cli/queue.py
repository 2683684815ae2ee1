"""`gwf queue`: look into the journal, replay or drop dead letters, check and mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration
from gwf.core.errors import ErrorClass

app = typer.Typer(
    name="queue", help="Look into the journal; replay or drop dead letters; check and mend it.", no_args_is_help=True
)

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID", help="Files by id, as `gwf queue ls` shows them.")]
Text = Annotated[str, typer.Option("--path", "--text", metavar="TEXT", help="Only files whose path contains TEXT.")]
Store = Annotated[str | None, typer.Option("--store", metavar="STORE", help="Only files of this store.")]
Cause = Annotated[
    str | None,
    typer.Option("--cause", metavar="CAUSE", help="Only failures of this cause, as `gwf queue dead` names it."),
]
OlderThan = Annotated[
    float | None,
    typer.Option(metavar="DURATION", parser=duration, help="Only what ended longer ago than this, such as 2h."),
]
NewerThan = Annotated[
    float | None,
    typer.Option(metavar="DURATION", parser=duration, help="Only what ended more recently than this."),
]
Class = Annotated[ErrorClass | None, typer.Option("--class", metavar="CLASS", help="Only failures of this class.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would change.")]
States = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Only files in this state; may be repeated.")
]


@app.command("ls")
def ls(
    *,
    states: States = None,
    text: Text = "",
    error_class: Class = None,
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on where a list ended.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Files on one page.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List files, newest change first, and how many are in each state.

    States: settling, ready, sending, waiting, dead, done, skipped, vanished, superseded.
    """
    from gwf.cli import queue_desk

    wanted = queue_desk.Wanted(
        states=tuple(states or ()), text=text, error_class=error_class, cursor=cursor, limit=limit
    )
    with queue_desk.opened(data, config) as journal:
        queue_desk.print_files(journal, wanted, as_json=as_json)
    queue_desk.warn_beside(data, config)


@app.command("show")
def show_file(
    file_id: Annotated[int, typer.Argument(metavar="ID", help="Id of the file.")],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one file and everything that happened to it. Exit code 3 when there is none."""
    from gwf.cli import queue_desk

    with queue_desk.opened(data, config) as journal:
        queue_desk.print_file(journal, file_id, as_json=as_json)


@app.command("dead")
def dead(
    *,
    text: Text = "",
    error_class: Class = None,
    store: Store = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show dead letters by class and cause; the cause's id chooses them in `replay` and `drop`."""
    from gwf.cli import queue_desk

    with queue_desk.opened(data, config) as journal:
        wanted = queue_desk.Choice(text=text, error_class=error_class, store=store)
        queue_desk.print_groups(journal, wanted, as_json=as_json)


@app.command("replay")
def replay(
    ids: Ids = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All dead letters, or all that the filters leave.")] = False,
    text: Text = "",
    error_class: Class = None,
    cause: Cause = None,
    store: Store = None,
    older_than: OlderThan = None,
    newer_than: NewerThan = None,
    to_store: Annotated[str | None, typer.Option(metavar="STORE", help="Send them to this store instead.")] = None,
    to_key: Annotated[str | None, typer.Option(metavar="KEY", help="Under this key instead; for one file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Take a key that another file has.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")] = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send dead letters again: those named by ID, or all that the filters leave; elsewhere, if wanted."""
    from gwf.cli import queue_desk

    _require_choice(bool(ids), every or any((text, error_class, cause, store, older_than, newer_than)))
    choice = queue_desk.Choice(
        ids=tuple(ids) if ids else None, states=queue_desk.REPLAYABLE, text=text, error_class=error_class, cause=cause,
        store=store, older_than_s=older_than, newer_than_s=newer_than,
    )  # fmt: skip
    asked = queue_desk.Asked(to_store=to_store, to_key=to_key, force=force, reason=reason, dry_run=dry_run)
    with queue_desk.opened(data, config) as journal:
        changed = journal.replay(choice, asked.target(), asked.order(), stores=queue_desk.store_names(to_store, config))
        queue_desk.print_changed("would be sent again" if dry_run else "will be sent again", changed, as_json=as_json)


@app.command("drop")
def drop(
    ids: Ids = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All dead letters, or all that the filters leave.")] = False,
    text: Text = "",
    error_class: Class = None,
    cause: Cause = None,
    store: Store = None,
    older_than: OlderThan = None,
    newer_than: NewerThan = None,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give files up: they are not sent any more. The files themselves are left alone."""
    from gwf.cli import queue_desk

    _require_choice(bool(ids), every or any((text, error_class, cause, store, older_than, newer_than)))
    choice = queue_desk.Choice(
        ids=tuple(ids) if ids else None, text=text, error_class=error_class, cause=cause, store=store,
        older_than_s=older_than, newer_than_s=newer_than,
    )  # fmt: skip
    asked = queue_desk.Asked(reason=reason, dry_run=dry_run)
    with queue_desk.opened(data, config) as journal:
        changed = journal.drop(choice, asked.order())
        queue_desk.print_changed("would be dropped" if dry_run else "dropped", changed, as_json=as_json)


@app.command("check")
def check(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the journal's integrity. Exit code 1 when something is wrong with it."""
    from gwf.cli import queue_desk

    raise typer.Exit(queue_desk.print_check(data, config, as_json=as_json))


@app.command("doctor")
def doctor(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is found; without it nothing changes.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what in the journal needs mending and, with --repair, mend it; stop the agent first.

    Exit code 1 when something needs mending and --repair was not given.
    """
    from gwf.cli import queue_desk

    raise typer.Exit(queue_desk.print_doctor(data, config, repair=repair, as_json=as_json))


def _require_choice(named: bool, filtered: bool) -> None:
    if named == filtered:
        hint = "name files by ID, or choose them by filters or --all" + ("; not both" if named else "")
        raise typer.BadParameter(hint)
