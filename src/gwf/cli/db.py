"""`gwf db`: look after the centre's database: upgrade it, check it, back it up, restore it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="db", no_args_is_help=True, help="The centre's database: upgrade it, check it, back it up, restore it."
)


@app.command("upgrade")
def upgrade(
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="REVISION", help="Go to this revision, such as core_0004; once for each half."),
    ] = None,
    down: Annotated[
        bool, typer.Option("--down", help="Allow to go back: columns and tables that came later go with their data.")
    ] = False,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the tables to this release, or to a revision. A centre does this by itself when it starts."""
    from gwf.cli import db_desk

    db_desk.upgrade(db_desk.place(config, data), tuple(to or ()), down=down, as_json=as_json)


@app.command("check")
def check(*, config: ConfigOption = None, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Look the database over: revisions, tables, on SQLite every page. Exit code 1 when something is wrong."""
    from gwf.cli import db_desk

    raise typer.Exit(db_desk.check(db_desk.place(config, data), as_json=as_json))


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for example centre.gwfbackup.")],
    *,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write everything into one file, while the centre runs. It can be restored on SQLite and on PostgreSQL.

    The file holds hashes of passwords and tokens: keep it as you keep the database.
    """
    from gwf.cli import db_desk

    db_desk.backup(db_desk.place(config, data), file, as_json=as_json)


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fill an empty database from a backup; all of it, or nothing. The centre must not run."""
    from gwf.cli import db_desk

    db_desk.restore(db_desk.place(config, data), file, as_json=as_json)
