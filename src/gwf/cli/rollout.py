"""`gwf rollout`: bring a version of the fleet's configuration to its agents in waves, watch it, steer it."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration

app = typer.Typer(
    name="rollout",
    no_args_is_help=True,
    help="Rollouts: a version reaches agents in waves and is taken back when it does harm. It talks to the centre.",
)

Rollout = Annotated[str, typer.Argument(metavar="ROLLOUT", help="Id of a rollout.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do; change nothing.")]


@app.command("ls")
def ls(
    *,
    layer: Annotated[str | None, typer.Option("--layer", metavar="LAYER", help="Of this layer only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="At most so many.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List rollouts, newest first."""
    from gwf.cli import rollout_desk, running

    rollout_desk.print_rollouts(running.find(data, config), layer, limit=limit, as_json=as_json)


@app.command("show")
def show(
    rollout: Rollout, *, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show a rollout: its waves, its gates, what became of its offers."""
    from gwf.cli import rollout_desk, running

    rollout_desk.print_rollout(running.find(data, config), rollout, as_json=as_json)


@app.command("attempts")
def attempts(
    rollout: Rollout,
    *,
    phase: Annotated[
        list[str] | None,
        typer.Option(
            "--phase",
            metavar="PHASE",
            help="offered, staged, applied, failed, reverted, timed_out or superseded; may be repeated.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="At most so many.")] = 100,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the offers of a rollout to agents, with the reasons of those that refused."""
    from gwf.cli import rollout_desk, running

    process = running.find(data, config)
    rollout_desk.print_attempts(process, rollout, tuple(phase or ()), limit=limit, as_json=as_json)


@app.command("start")
def start(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Id of a version, see `gwf fleet config versions`.")
    ],
    *,
    waves: Annotated[
        str, typer.Option("--waves", metavar="LIST", help="Percent of the agents; the last one is 100.")
    ] = "1,10,50,100",
    soak: Annotated[
        float, typer.Option("--soak", metavar="TIME", parser=duration, help="How long the gates must be met.")
    ] = 60.0,
    wave_timeout: Annotated[
        float, typer.Option("--wave-timeout", metavar="TIME", parser=duration, help="Longest time of a wave.")
    ] = 1800.0,
    pause_on_failure: Annotated[
        bool, typer.Option("--pause-on-failure", help="Only stop when a gate fails; do not take it back.")
    ] = False,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Offer it also to agents that refused exactly this before.")
    ] = False,
    reason: Reason = "",
    dry_run: DryRun = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a rollout. With --dry-run: which agents each wave would hold, and what would be wrong where."""
    from gwf.cli import rollout_desk, running

    wish = rollout_desk.wish(version, waves, soak_s=soak, wave_timeout_s=wave_timeout, reason=reason)
    if pause_on_failure:
        wish["on_failure"] = "pause"
    wish["retry_refused"] = retry_refused
    rollout_desk.start(running.find(data, config), wish, dry_run=dry_run, as_json=as_json)


@app.command("pause")
def pause(
    rollout: Rollout,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer it to nobody else for now; who runs it keeps it."""
    from gwf.cli import rollout_desk, running

    rollout_desk.order(running.find(data, config), rollout, "pause", reason=reason, as_json=as_json)


@app.command("resume")
def resume(
    rollout: Rollout,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a paused rollout."""
    from gwf.cli import rollout_desk, running

    rollout_desk.order(running.find(data, config), rollout, "resume", reason=reason, as_json=as_json)


@app.command("promote")
def promote(
    rollout: Rollout,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin the next wave whatever the gates say; after the last one, complete it."""
    from gwf.cli import rollout_desk, running

    rollout_desk.order(running.find(data, config), rollout, "promote", reason=reason, as_json=as_json)


@app.command("abort")
def abort(
    rollout: Rollout,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take it back from every agent that was offered it."""
    from gwf.cli import rollout_desk, running

    rollout_desk.order(running.find(data, config), rollout, "abort", reason=reason, as_json=as_json)
