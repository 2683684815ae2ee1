"""`gwf migrate`: take over a Go version's configuration and the work it has left."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import JsonOption


class OnDisk(enum.StrEnum):
    """What becomes of files on disk; the words of `agent.watch[].existing`."""

    UPLOAD = "upload"
    SKIP = "skip"


app = typer.Typer()


@app.command("migrate")
def migrate(
    *,
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="Directory of the Go version: config.yaml, .env, logs/ …")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Our configuration. Default: gwf.yaml in DIR.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Our data directory. Default: gwf-data beside FILE.")
    ] = None,
    existing: Annotated[
        OnDisk,
        typer.Option("--existing", help="upload: send files on disk that the store lacks. skip: only the queue's."),
    ] = OnDisk.UPLOAD,
    hostname: Annotated[
        str | None,
        typer.Option("--hostname", metavar="NAME", help="First part of keys. Default: this host's name."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; ask the store and say what would be.")] = (
        False
    ),
    as_json: JsonOption = False,
) -> None:
    """Turn a Go version's files into gwf.yaml and put what it has not sent yet into our journal.

    Stop the Go version first. Its files are only read. Every file that is taken over is looked for in the store
    before it is sent, so nothing is sent twice. Running it again changes nothing.

    Exit code 1: done, but something needs a look (a damaged file, a store that did not answer a dry run).
    """
    from gwf.cli import migrate_desk

    wishes = migrate_desk.wishes(source, to=to, data=data, existing=existing.value, hostname=hostname)
    raise typer.Exit(migrate_desk.migrate(wishes, dry_run=dry_run, as_json=as_json))
