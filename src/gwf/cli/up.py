"""`gwf up`: everything in one process, with nothing to prepare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption

Paths = Annotated[list[Path] | None, typer.Argument(metavar="PATH", help="Directories to watch. Default: DIR/inbox.")]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where journal and local objects live. Default: gwf-data.")
]
Listen = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Address of page and API. Default: 127.0.0.1:8080.")
]
Store = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where files go: file:///dir, s3://bucket[/prefix] … Default: DIR/objects."),
]
Centre = Annotated[bool, typer.Option("--centre/--no-centre", help="Run a centre in the same process too.")]


def up(
    paths: Paths = None,
    *,
    data: Data = None,
    listen: Listen = None,
    store: Store = None,
    centre: Centre = True,
    config: ConfigOption = None,
) -> None:
    """Start GWF: watch directories, carry their files, serve the page; with a centre in the same process.

    PATHs are watched in addition to those of the configuration; --store sets the store named "default",
    its credentials come from GWF_STORES__DEFAULT__ACCESS_KEY and GWF_STORES__DEFAULT__SECRET_KEY. A
    configuration of the Go version (with its .env and .runtime.yaml) is taken as it is; what was mapped
    or left out is listed.
    """
    from gwf.cli import sources, start

    start.refuse_files(paths or [])
    overrides: dict[str, object] = {
        "data_dir": None if data is None else str(data),
        "listen": listen,
        "stores.default.url": store,
        "server.enabled": centre,
        "agent.watch": [{"path": str(path)} for path in paths or []] or None,
    }
    loaded = sources.load(config, overrides)
    if not loaded.settings.agent.watch:
        inbox = start.make_inbox(loaded.settings)
        loaded = sources.load(config, {**overrides, "agent.watch": [{"path": str(inbox), "silence": "3s"}]})
    serve = start.serve_both if centre else start.serve
    raise typer.Exit(serve(loaded, on_started=lambda process: start.print_start(loaded, process)))
