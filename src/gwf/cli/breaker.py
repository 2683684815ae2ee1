"""`gwf breaker`: look at the breakers of the running process, and move them for a drill."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="breaker",
    no_args_is_help=True,
    help="The circuit breakers of the running process: look at them, move them for a drill. It talks to its HTTP port.",
)

Store = Annotated[str, typer.Argument(metavar="STORE", help="Name of the store.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is logged and shown.")]


@app.command("ls")
def ls(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List stores with the state of their breaker, why it is open, and when it is probed next."""
    from gwf.cli import breaker_desk, running

    breaker_desk.print_stores(running.find(data, config), as_json=as_json)


@app.command("open")
def open_breaker(
    store: Store,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a store a rest: it gets no files until the breaker is closed or reset, or the process ends."""
    from gwf.cli import breaker_desk, running

    breaker_desk.move(running.find(data, config), store, "open", reason=reason, as_json=as_json)


@app.command("close")
def close_breaker(
    store: Store,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let files through to a store now, without a probe; new failures open the breaker again."""
    from gwf.cli import breaker_desk, running

    breaker_desk.move(running.find(data, config), store, "close", reason=reason, as_json=as_json)


@app.command("reset")
def reset_breaker(
    store: Store,
    *,
    reason: Reason = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a store by its results again, from nothing: an open breaker is probed at once."""
    from gwf.cli import breaker_desk, running

    breaker_desk.move(running.find(data, config), store, "reset", reason=reason, as_json=as_json)
