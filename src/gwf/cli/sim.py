"""`gwf sim`: load on purpose, to see what a centre bears."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption, duration

app = typer.Typer(name="sim", no_args_is_help=True, help="Simulated agents against the centre on this host.")

PoisonOption = Annotated[
    list[str] | None,
    typer.Option(
        "--poison",
        metavar="RULE",
        help="A configuration that does harm: POINTER=VALUE:HARM[:TIME], where HARM is reject, sick or silent, "
        "for example /agent/retry/base=13:sick:2s. May be repeated.",
    ),
]
SamplesOption = Annotated[
    Path | None,
    typer.Option(
        "--samples",
        metavar="FILE",
        help="Write for each answered heartbeat when it began (seconds since the epoch) and how many ms it took.",
    ),
]


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
    poison: PoisonOption = None,
    confirm_s: Annotated[
        float,
        typer.Option("--confirm", parser=duration, metavar="TIME", help="How long a configuration must do well there."),
    ] = 10.0,
    listen: Annotated[
        bool, typer.Option("--listen", help="Each agent keeps the stream of the centre open, as real ones do.")
    ] = False,
    samples: SamplesOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let N simulated agents register, send heartbeats and tell R events a second to the centre on this host.

    They speak HTTP as real agents do, on loopback only. They take configurations that the centre offers: checked,
    tried for a while, kept or put back. Each has the label simulated=true and stays known to the centre.
    """
    from gwf.cli import running, sim_desk

    wish = sim_desk.Wish(
        agents=agents,
        events_per_s=events,
        seconds=lasts_s,
        seed=seed,
        prefix=prefix,
        poisons=tuple(poison or ()),
        confirm_s=confirm_s,
        listens=listen,
        samples=samples,
    )
    sim_desk.run(running.find(data, config), wish, as_json=as_json)
