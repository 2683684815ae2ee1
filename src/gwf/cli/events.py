"""`gwf events`: what happened, from the running centre."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration

app = typer.Typer(
    name="events",
    no_args_is_help=True,
    help="What happened: events, and what became of files. It talks to the HTTP port of the centre.",
)


class Kind(enum.StrEnum):
    """Which of the two lists."""

    EVENTS = "events"
    FILES = "files"


KindOption = Annotated[
    Kind, typer.Option("--kind", help="events: alarms, changes, what others sent. files: what happened to files.")
]
Last = Annotated[
    float,
    typer.Option("--last", metavar="DURATION", parser=duration, help="How far back, such as 2h."),
]
Agents = Annotated[
    list[str] | None, typer.Option("--agent", metavar="AGENT", help="Only of this agent; may be repeated.")
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Only events of this type, or TYPE* for all that begin so."),
]
SeverityOption = Annotated[
    str | None, typer.Option("--severity", metavar="WORD", help="Only events that matter at least so much.")
]
Statuses = Annotated[
    list[str] | None, typer.Option("--status", metavar="STATUS", help="Only file events of this status.")
]
Classes = Annotated[list[str] | None, typer.Option("--class", metavar="CLASS", help="Only failures of this class.")]
Selector = Annotated[
    str | None, typer.Option("--selector", metavar="LABELS", help="Only agents with these labels: env=prod,!canary.")
]
Path = Annotated[str | None, typer.Option("--path", metavar="PREFIX", help="Only files whose path begins so.")]
Text = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Only what contains TEXT.")]


@app.command("ls")
def ls(
    *,
    kind: KindOption = Kind.EVENTS,
    last: Last = 86_400.0,
    agents: Agents = None,
    types: Types = None,
    severity: SeverityOption = None,
    statuses: Statuses = None,
    classes: Classes = None,
    selector: Selector = None,
    path: Path = None,
    text: Text = None,
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on where a list ended.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Events on one page.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List events, newest first; `--kind files` lists what happened to files."""
    from gwf.cli import events_desk, running

    wanted = events_desk.Wanted(
        kind=kind, agents=agents, types=types, severity=severity, statuses=statuses, classes=classes,
        selector=selector, path=path, text=text,
    )  # fmt: skip
    events_desk.print_page(
        running.find(data, config), wanted, events_desk.Part(last_s=last, cursor=cursor, limit=limit), as_json=as_json
    )


@app.command("tail")
def tail(
    *,
    kind: KindOption = Kind.EVENTS,
    agents: Agents = None,
    types: Types = None,
    severity: SeverityOption = None,
    statuses: Statuses = None,
    classes: Classes = None,
    selector: Selector = None,
    path: Path = None,
    text: Text = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")] = False,
) -> None:
    """Print events as they come, oldest first, until Ctrl-C; begins with the last 10."""
    from gwf.cli import events_desk, running

    wanted = events_desk.Wanted(
        kind=kind, agents=agents, types=types, severity=severity, statuses=statuses, classes=classes,
        selector=selector, path=path, text=text,
    )  # fmt: skip
    events_desk.follow(running.find(data, config), wanted, as_json=as_json)


@app.command("show")
def show_event(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the event, as `gwf events ls` shows it.")],
    *,
    kind: KindOption = Kind.EVENTS,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one event; of a file event also all that happened to its path. Exit code 3 when there is none."""
    from gwf.cli import events_desk, running

    events_desk.print_event(running.find(data, config), row_id, files=kind is Kind.FILES, as_json=as_json)
