"""`gwf agent`: the edge alone, as a service runs it."""

from __future__ import annotations

import typer

from gwf.cli.options import ConfigOption


def agent(*, config: ConfigOption = None) -> None:
    """Watch and carry files as the configuration says, until SIGINT or SIGTERM.

    Log lines go where `log` says; nothing else is printed. Files that still wait at the end stay in the
    journal and are carried on at the next start.
    """
    from gwf.cli import sources, start

    raise typer.Exit(start.serve(sources.load(config, required=True)))
