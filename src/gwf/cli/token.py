"""`gwf token`: ways in for programs that speak to a centre."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption
from gwf.cli.user import TenantOption

app = typer.Typer(
    name="token",
    no_args_is_help=True,
    help="API tokens for programs. Works on the centre's database directly, also while the centre runs.",
)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    *,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="The most it may do.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="PERMISSION", help="Narrow the role, for example events:write; repeatable."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="DURATION", help="For example 90d. Default: never.")
    ] = None,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token of nobody, for a machine, and print it; it is shown this once."""
    from gwf.cli import identity_desk as desk

    wish = desk.NewToken(
        name=name,
        role=desk.role_of(role),
        scopes=desk.scopes_of(scope),
        expires_in_s=desk.seconds_of(expires),
        machine=True,
    )
    desk.create_token(desk.Place(data=data, config=config, tenant=tenant), wish, as_json=as_json)


@app.command("ls")
def ls(
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List API tokens, newest first."""
    from gwf.cli import identity_desk as desk

    desk.print_tokens(desk.Place(data=data, config=config, tenant=tenant), as_json=as_json)


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="tok_… of the list.")],
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take an API token its effect, at once."""
    from gwf.cli import identity_desk as desk

    desk.revoke_token(desk.Place(data=data, config=config, tenant=tenant), token)
