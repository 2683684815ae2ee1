"""`gwf secrets`: the key file with which secrets are kept."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="secrets",
    no_args_is_help=True,
    help="Keys for secrets: of the centre's database, and of sealed values in configuration files.",
)


@app.command("init")
def init(*, data: DataOption = None, config: ConfigOption = None) -> None:
    """Make the key file, mode 0600. A centre does this by itself at its first start; one that is there stays."""
    from gwf.cli import secrets_desk as desk

    desk.init(desk.place(data, config))


@app.command("show")
def show(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the keys and how many secrets of the centre each one opens. Exit code 1 when some cannot be read."""
    from gwf.cli import secrets_desk as desk

    raise typer.Exit(desk.print_ring(desk.place(data, config), as_json=as_json))


@app.command("rotate")
def rotate(
    *,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Only put the next key into the file, to copy it to other servers first."),
    ] = False,
    drop_old: Annotated[
        bool,
        typer.Option("--drop-old", help="Then take keys out that nothing needs. Older backups cannot be read then."),
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal all secrets of the centre with a new key; works also while it runs, and may be repeated."""
    from gwf.cli import secrets_desk as desk

    where = desk.place(data, config)
    if prepare:
        desk.prepare(where)
    else:
        raise typer.Exit(desk.rotate(where, drop_old=drop_old, as_json=as_json))


@app.command("seal")
def seal(*, data: DataOption = None, config: ConfigOption = None) -> None:
    """Read a secret, from a prompt or from standard input, and print it as `${sealed:…}` for a configuration file."""
    from gwf.cli import secrets_desk as desk

    desk.seal(desk.place(data, config))
