"""`gwf enrol`: tokens that let agents register with a centre."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption
from gwf.cli.user import TenantOption

app = typer.Typer(
    name="enrol",
    no_args_is_help=True,
    help="Tokens that let agents register. Works on the centre's database directly, also while the centre runs.",
)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    *,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="NAME=VALUE", help="Label its agents get; repeatable.")
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="ID", help="Group its agents are put in, grp_…")
    ] = None,
    max_uses: Annotated[
        int | None, typer.Option("--max-uses", min=1, metavar="N", help="Agents it lets in. Default: any number.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="DURATION", help="For example 24h. Default: never.")
    ] = None,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an enrolment token and print it; it is shown this once."""
    from gwf.cli import identity_desk as desk

    wish = desk.NewEnrolment(
        name=name,
        labels=desk.labels_of(label),
        group_id=group,
        max_uses=max_uses,
        expires_in_s=desk.seconds_of(expires),
    )
    desk.create_enrolment(desk.Place(data=data, config=config, tenant=tenant), wish, as_json=as_json)


@app.command("ls")
def ls(
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List enrolment tokens, newest first."""
    from gwf.cli import identity_desk as desk

    desk.print_enrolments(desk.Place(data=data, config=config, tenant=tenant), as_json=as_json)


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="enr_… of the list.")],
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take an enrolment token its effect; agents that registered with it stay."""
    from gwf.cli import identity_desk as desk

    desk.revoke_enrolment(desk.Place(data=data, config=config, tenant=tenant), token)
