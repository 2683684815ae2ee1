"""`gwf store`: look into an object store with the credentials that GWF uses."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(name="store", help="Look into an object store: list, show and verify objects.", no_args_is_help=True)

Where = Annotated[
    str, typer.Argument(metavar="STORE", help="Name of a store in the configuration, or a URL such as s3://bucket.")
]
Prefix = Annotated[str, typer.Argument(metavar="PREFIX", help="Only objects whose key begins so.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="List at most so many objects.")]


@app.command("ls")
def ls(
    where: Where,
    prefix: Prefix = "",
    *,
    limit: Limit = 1000,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List objects in key order.

    A URL without a configuration uses the credentials of the store named "default":
    GWF_STORES__DEFAULT__ACCESS_KEY, …__SECRET_KEY, …__ENDPOINT, …__REGION.
    """
    from gwf.cli import store_desk

    with store_desk.opened(where, config=config, data=data) as found:
        store_desk.print_list(found.store, prefix, limit=limit, as_json=as_json)


@app.command("stat")
def stat(
    where: Where,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key of the object.")],
    *,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the store knows about one object. Exit code 3 when there is none."""
    from gwf.cli import store_desk

    with store_desk.opened(where, config=config, data=data) as found:
        store_desk.print_object(found.store, key, as_json=as_json)


@app.command("verify")
def verify(
    where: Where,
    prefix: Prefix = "",
    *,
    journal: Annotated[bool, typer.Option("--journal", help="Compare with what the agent recorded, too.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every object back and compare its bytes with the checksum that the store keeps.

    Exit code 1 when an object differs, cannot be read or, with --journal, is missing. Objects without a
    checksum are counted as "unproven": they could be read in the listed size, no more. A file:// store
    keeps no checksums, so use --journal there.
    """
    from gwf.cli import store_desk

    with store_desk.opened(where, config=config, data=data) as found:
        raise typer.Exit(store_desk.verify(found, prefix, with_journal=journal, as_json=as_json))
