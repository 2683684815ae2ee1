"""`gwf worker`: does the centre's tasks, beside it or on another host."""

from __future__ import annotations

import typer

from gwf.cli.options import ConfigOption


def worker(*, config: ConfigOption = None) -> None:
    """Do tasks of a centre over its database until SIGINT or SIGTERM: webhooks, notifications, what plug-ins bring.

    It takes `server.database`, `server.work` and `server.webhooks` of the configuration. Over SQLite it has to run on
    the host of the centre; over PostgreSQL there may be many, anywhere. It has no port.
    """
    from gwf.cli import sources, start

    loaded = sources.load(config, {"server.enabled": True}, required=True)
    raise typer.Exit(start.serve_worker(loaded))
