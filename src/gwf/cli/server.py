"""`gwf server`: the centre alone, as a service runs it."""

from __future__ import annotations

import importlib

import typer

from gwf.cli.options import ConfigOption


def server(*, config: ConfigOption = None) -> None:
    """Run the centre as the configuration says, until SIGINT or SIGTERM: agents of other hosts report to it.

    What `agent` and `stores` say is not used. Log lines go where `log` says; nothing else is printed.
    """
    from gwf.core.collecting import kept

    with kept():
        importlib.import_module("gwf.app.server")  # what serves, imported here where nobody looks for garbage
        from gwf.cli import sources, start

    loaded = sources.load(config, {"server.enabled": True}, required=True)
    raise typer.Exit(start.serve_centre(loaded))
