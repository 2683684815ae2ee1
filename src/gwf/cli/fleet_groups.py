"""`gwf fleet groups`: agents that are treated alike, chosen by labels or by name."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration

app = typer.Typer(
    name="groups", no_args_is_help=True, help="Groups of agents: by labels or by name, with their own thresholds."
)

Group = Annotated[str, typer.Argument(metavar="GROUP", help="Id or name of a group.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]
Selector = Annotated[
    str | None,
    typer.Option("--selector", "-l", metavar="LABELS", help="env=prod,site in (sh,bj),!canary; '' = only by name."),
]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="For people.")]
Priority = Annotated[
    int | None, typer.Option("--priority", help="Of two groups of an agent the one with the higher number decides.")
]
Heartbeat = Annotated[
    float | None, typer.Option("--heartbeat", parser=duration, metavar="TIME", help="Between two heartbeats, 30s …")
]
DegradedAfter = Annotated[
    float | None, typer.Option("--degraded-after", parser=duration, metavar="TIME", help="Silence until degraded.")
]
OfflineAfter = Annotated[
    float | None, typer.Option("--offline-after", parser=duration, metavar="TIME", help="Silence until offline.")
]


@app.command("ls")
def ls(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List groups by name, with the number of their agents."""
    from gwf.cli import fleet_groups_desk, running

    fleet_groups_desk.print_groups(running.find(data, config), as_json=as_json)


@app.command("show")
def show(group: Group, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one group."""
    from gwf.cli import fleet_groups_desk, running

    fleet_groups_desk.print_group(running.find(data, config), group, as_json=as_json)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new group.")],
    *,
    selector: Selector = None,
    description: Description = None,
    priority: Priority = None,
    heartbeat: Heartbeat = None,
    degraded_after: DegradedAfter = None,
    offline_after: OfflineAfter = None,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a group."""
    from gwf.cli import fleet_groups_desk, running

    times = fleet_groups_desk.Times(heartbeat, degraded_after, offline_after)
    given = {"selector": selector, "description": description, "priority": priority}
    wish = fleet_groups_desk.wish_of({"name": name, **given}, times, reason)
    fleet_groups_desk.create(running.find(data, config), wish, as_json=as_json)


@app.command("set")
def change(
    group: Group,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its new name.")] = None,
    selector: Selector = None,
    description: Description = None,
    priority: Priority = None,
    heartbeat: Heartbeat = None,
    degraded_after: DegradedAfter = None,
    offline_after: OfflineAfter = None,
    usual_times: Annotated[bool, typer.Option("--usual-times", help="Work by the times of server.agents.")] = False,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a group; what is not named stays, but times are set together."""
    from gwf.cli import fleet_groups_desk, running

    times = fleet_groups_desk.Times(heartbeat, degraded_after, offline_after, usual=usual_times)
    given = {"name": name, "selector": selector, "description": description, "priority": priority}
    wish = fleet_groups_desk.wish_of(given, times, reason)
    fleet_groups_desk.change(running.find(data, config), group, wish, as_json=as_json)


@app.command("rm")
def remove(group: Group, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Remove a group; its agents stay."""
    from gwf.cli import fleet_groups_desk, running

    fleet_groups_desk.remove(running.find(data, config), group, reason=reason)
