"""`gwf demo`: the platform full of made-up data, to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import JsonOption, duration

Data = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="Its own directory, made anew at each start.", show_default=True)
]
Listen = Annotated[str, typer.Option(metavar="HOST:PORT", help="Address of page and API; loopback only.")]


def demo(
    *,
    data: Data = Path("gwf-demo"),
    listen: Listen = "127.0.0.1:8080",
    agents: Annotated[int, typer.Option("--agents", metavar="N", help="Simulated agents, 12 to 200.")] = 24,
    seed: Annotated[int, typer.Option("--seed", help="The same number makes the same agents and files again.")] = 1,
    lasts_s: Annotated[
        float, typer.Option("--for", parser=duration, metavar="TIME", help="It ends by itself after this.")
    ] = 7_200.0,
    as_json: JsonOption = False,
) -> None:
    """Show the platform with made-up data: agents of several sites, real files, rollouts, troubles, people.

    Everything is local: a real edge carries real files to stores on this host, simulated agents report to
    a real centre. One rollout is in the middle, one was halted, one is paused; a store refuses now and
    then, agents are offline, degraded, drained. The page says that it is a demo.
    """
    from gwf.cli import demo_desk
    from gwf.demo.place import DemoPlan

    plan = DemoPlan(directory=data.absolute(), listen=listen, seed=seed, agents=agents, seconds=lasts_s)
    raise typer.Exit(demo_desk.run(plan, as_json=as_json))
