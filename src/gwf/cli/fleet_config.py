"""`gwf fleet config`: what the centre wants its agents to work by: layers, versions, single agents, drift."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="config",
    no_args_is_help=True,
    help="Configuration of the fleet: layers and their versions, what an agent should run and why, what drifted.",
)

Layer = Annotated[str, typer.Argument(metavar="LAYER", help="base, group:NAME, agent:ID, or the id of a layer.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="Id of a version.")]
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Id of an agent, or its hostname if only one has it.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="Setting keys as a configuration file has them.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and compare only; change nothing.")]


@app.command("layers")
def layers(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the layers: the base, groups, agents."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_layers(running.find(data, config), as_json=as_json)


@app.command("rm")
def rm(layer: Layer, *, reason: Reason = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Remove a layer that no agent works by. Its versions stay readable."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.remove_layer(running.find(data, config), layer, reason=reason)


@app.command("versions")
def versions(
    *,
    layer: Annotated[str | None, typer.Option("--layer", metavar="LAYER", help="Of this layer only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="At most so many.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List versions, newest first."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_versions(running.find(data, config), layer, limit=limit, as_json=as_json)


@app.command("version")
def version(
    version: Version, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show a version: its document, and what it changed."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_version(running.find(data, config), version, as_json=as_json)


@app.command("diff")
def diff(
    version: Version,
    *,
    against: Annotated[
        str | None, typer.Option("--against", metavar="VERSION", help="Another version; default: the one before.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a version differs from the one before it, or from another one."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_diff(running.find(data, config), version, against, as_json=as_json)


@app.command("write")
def write(
    layer: Layer,
    file: File,
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write FILE as a new version of a layer; nobody runs it before `gwf rollout start`.

    A document that is wrong is refused with every problem (exit code 2). A layer that is not there yet is made.
    """
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.write(running.find(data, config), layer, file, reason=reason, dry_run=dry_run, as_json=as_json)


@app.command("rollback")
def rollback(
    version: Version,
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the content of an old version as a new one; roll that out then."""
    from gwf.cli import fleet_config_desk, running

    process = running.find(data, config)
    fleet_config_desk.rollback(process, version, reason=reason, dry_run=dry_run, as_json=as_json)


@app.command("show")
def show(agent: Agent, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what an agent should run, where each value comes from, and what it runs."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_agent(running.find(data, config), agent, as_json=as_json)


@app.command("attempts")
def attempts(
    agent: Agent, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List what an agent was offered, newest first."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.print_attempts(running.find(data, config), agent, as_json=as_json)


@app.command("set")
def set_(
    agent: Agent,
    file: File,
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give one agent FILE on top of its other layers, at once; it is taken back when it does harm."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.set_agent(
        running.find(data, config), agent, file, reason=reason, dry_run=dry_run, as_json=as_json
    )


@app.command("retry")
def retry(
    agent: Agent,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer an agent again what it refused, or what was changed on its host."""
    from gwf.cli import fleet_config_desk, running

    fleet_config_desk.retry(running.find(data, config), agent, reason=reason, as_json=as_json)


@app.command("drift")
def drift(
    *,
    standing: Annotated[
        list[str] | None,
        typer.Option(
            "--standing",
            metavar="WORD",
            help="unmanaged, in_sync, offered, waiting, held or local; may be repeated. Default: all that drifted.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="At most so many.")] = 1_000,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List agents that run something else than they should."""
    from gwf.cli import fleet_config_desk, running

    process = running.find(data, config)
    fleet_config_desk.print_drift(process, tuple(standing or ()), limit=limit, as_json=as_json)
