"""`gwf sim`: load on purpose, to see what a centre bears."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration

app = typer.Typer(name="sim", no_args_is_help=True, help="Simulated agents against the centre on this host.")


@app.callback()
def group() -> None:
    """Keep `fleet` a command of a group; others may follow."""


@app.command("fleet")
def fleet(
    *,
    agents: Annotated[int, typer.Option("--agents", min=1, max=50_000, metavar="N", help="How many agents.")] = 1_000,
    events: Annotated[
        float, typer.Option("--events", min=0, max=100_000, metavar="R", help="File events a second, of all together.")
    ] = 0.0,
    lasts_s: Annotated[
        float, typer.Option("--for", parser=duration, metavar="TIME", help="How long: 30s, 5m …")
    ] = 120.0,
    seed: Annotated[int, typer.Option("--seed", help="The same number makes the same agents again.")] = 1,
    prefix: Annotated[str, typer.Option("--prefix", metavar="TEXT", help="Beginning of their hostnames.")] = "sim",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let N simulated agents register, send heartbeats and tell R events a second to the centre on this host.

    They speak HTTP as real agents do, on loopback only. Each has the label simulated=true and stays
    known to the centre.
    """
    from gwf.cli import running, sim_desk

    wish = sim_desk.Wish(agents=agents, events_per_s=events, seconds=lasts_s, seed=seed, prefix=prefix)
    sim_desk.run(running.find(data, config), wish, as_json=as_json)
