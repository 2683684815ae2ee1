"""`gwf fleet`: look at the agents of a centre, drain, label and revoke them."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli import fleet_config, fleet_files, fleet_groups
from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="fleet",
    no_args_is_help=True,
    help="The agents of a centre: who there is and how they are; drained, labelled, revoked. It talks to the centre.",
)
app.add_typer(fleet_groups.app)
app.add_typer(fleet_config.app)
app.add_typer(fleet_files.app)

Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Id of an agent, or its hostname if only one has it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]
State = Annotated[
    list[str] | None,
    typer.Option("--state", metavar="STATE", help="online, degraded, offline, draining or revoked; may be repeated."),
]


@app.command("ls")
def ls(
    *,
    state: State = None,
    group: Annotated[list[str] | None, typer.Option("--group", metavar="GROUP", help="May be repeated.")] = None,
    standing: Annotated[
        list[str] | None,
        typer.Option(
            "--standing", metavar="WORD", help="in_sync, offered, waiting, held, local, unmanaged; may be repeated."
        ),
    ] = None,
    selector: Annotated[
        str, typer.Option("--selector", "-l", metavar="LABELS", help="env=prod,site in (sh,bj),!canary")
    ] = "",
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="In hostname, id, version, address, labels.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = 1_000,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List agents by hostname."""
    from gwf.cli import fleet_desk, running

    wanted = fleet_desk.Wanted(
        states=tuple(state or ()),
        groups=tuple(group or ()),
        standings=tuple(standing or ()),
        selector=selector,
        text=text,
        limit=limit,
    )
    fleet_desk.print_agents(running.find(data, config), wanted, as_json=as_json)


@app.command("show")
def show(agent: Agent, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one agent with all that is known of it."""
    from gwf.cli import fleet_desk, running

    fleet_desk.print_agent(running.find(data, config), agent, as_json=as_json)


@app.command("drain")
def drain(
    agent: Agent,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an agent no more work of the centre; it goes on carrying its files."""
    from gwf.cli import fleet_desk, running

    fleet_desk.order(running.find(data, config), agent, "drain", reason=reason, as_json=as_json)


@app.command("undrain")
def undrain(
    agent: Agent,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an agent work again."""
    from gwf.cli import fleet_desk, running

    fleet_desk.order(running.find(data, config), agent, "undrain", reason=reason, as_json=as_json)


@app.command("revoke")
def revoke(
    agent: Agent,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the credential of an agent worth nothing; only an enrolment token made later lets it in again."""
    from gwf.cli import fleet_desk, running

    fleet_desk.order(running.find(data, config), agent, "revoke", reason=reason, as_json=as_json)


@app.command("label")
def label(
    agent: Agent,
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE | NAME-]...", help="Set a label; NAME- takes it away.")
    ] = None,
    *,
    group: Annotated[
        str | None, typer.Option("--group", metavar="GROUP", help="Put it in this group by name; '' = in none.")
    ] = None,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set labels at the centre, over those the agent tells; groups and thresholds follow at once."""
    from gwf.cli import fleet_desk, running

    wish = fleet_desk.wish_of(labels or [], group, reason)
    fleet_desk.label(running.find(data, config), agent, wish, as_json=as_json)
