"""`gwf audit`: prove that the record of changes is whole, and take it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="audit", help="Prove that nobody changed the record of changes; export it.", no_args_is_help=True
)

TenantOption = Annotated[str, typer.Option(metavar="NAME", help="Whose record.")]


@app.command("verify")
def verify(
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="An export, in place of the centre's database.")
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="SEQ:HASH", help="A head that was written down elsewhere; may be given often."),
    ] = None,
    tenant: TenantOption = "default",
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Walk along the whole chain and name the first entry that is not as it was written.

    Reads the centre's database directly, also while the centre runs; with --file no database is needed. Exit code 1
    when something is wrong.
    """
    from gwf.cli import audit_desk

    known = audit_desk.read_heads(head or [])
    if file is not None:
        raise typer.Exit(audit_desk.verify_file(file, known, as_json=as_json))
    place = audit_desk.Place(config=config, data=data, tenant=tenant)
    raise typer.Exit(audit_desk.verify_database(place, known, as_json=as_json))


@app.command("export")
def export(
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Write there. Default: standard output.")
    ] = None,
    after: Annotated[int, typer.Option(min=0, metavar="SEQ", help="Only entries behind this one.")] = 0,
    tenant: TenantOption = "default",
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Write the record as JSON lines, with its head in the last one. A file of this name is never overwritten."""
    from gwf.cli import audit_desk

    audit_desk.export(audit_desk.Place(config=config, data=data, tenant=tenant), file, after=after)
