"""`gwf drill`: fail on purpose, beside production, and see whether the promises hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

Name = Annotated[
    str, typer.Argument(metavar="DRILL", help="Which drill, as `gwf drill ls` lists them; or all, ls, restore.")
]
Files = Annotated[int, typer.Option(min=8, max=1_000_000, help="Files written in all.")]
Size = Annotated[str, typer.Option(metavar="SIZE", help="Size of most files; one in 40 is larger and sent in parts.")]
Seconds = Annotated[float, typer.Option(min=1.0, max=3600.0, help="How long the failure lasts.")]
ReportDir = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Where reports go. Default: drills/reports in --data.")
]


app = typer.Typer()


@app.command("drill")
def drill(
    name: Name,
    *,
    files: Files = 400,
    size: Size = "4KiB",
    seconds: Seconds = 10.0,
    report: ReportDir = None,
    live: Annotated[bool, typer.Option("--live", help="Join the running process instead of a scratch one.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fail on purpose, on a scratch instance beside production, and report which promises were kept.

    The instance has a store, a watched directory and a journal of its own below --data, and the retry, breaker,
    transfer and high-water settings of --config. Nothing of production is touched. With --live the store and the
    directory are added to the running process for the time of the drill, and nothing else of it is changed. `ls`
    lists the drills, `all` plays every one, `restore` clears away what a drill left that was killed. Exit code 1
    when a promise was broken.
    """
    from gwf.cli import drill_desk

    asked = drill_desk.Asked(
        files=files, size=size, seconds=seconds, config=config, data=data, report=report, live=live, as_json=as_json
    )
    raise typer.Exit(drill_desk.play(name, asked))
