"""`gwf user`: the people who may log in to a centre."""

from __future__ import annotations

from typing import Annotated

import typer

from gwf.cli.options import ConfigOption, DataOption, JsonOption

app = typer.Typer(
    name="user",
    no_args_is_help=True,
    help="The people who may log in to the centre. Works on its database directly, also while the centre runs.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="To log in with.")]
TenantOption = Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose person it is.")]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, operator, approver or admin.")]
PasswordFile = Annotated[
    str | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line is the password; - = standard input."),
]


@app.command("add")
def add(
    name: Name,
    *,
    role: Role,
    display_name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="As it is shown.")] = "",
    password_file: PasswordFile = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Give none: nobody can log in by this name yet.")
    ] = False,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a person; the password is asked for unless an option says where it is."""
    from gwf.cli import identity_desk as desk

    known = desk.role_of(role)  # before anybody types a password in vain
    password = None if no_password else desk.new_password(password_file)
    place = desk.Place(data=data, config=config, tenant=tenant)
    desk.add_user(place, desk.NewUser(name=name, role=known, display_name=display_name, password=password))
    desk.print_user(place, name, as_json=as_json)


@app.command("ls")
def ls(
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List people, newest first."""
    from gwf.cli import identity_desk as desk

    desk.print_users(desk.Place(data=data, config=config, tenant=tenant), as_json=as_json)


@app.command("passwd")
def passwd(
    name: Name,
    *,
    password_file: PasswordFile = None,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a person a new password; all their sessions end."""
    from gwf.cli import identity_desk as desk

    wish = desk.UserWish(password=desk.new_password(password_file))
    desk.change_user(desk.Place(data=data, config=config, tenant=tenant), name, wish)


@app.command("role")
def role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, operator, approver or admin.")],
    *,
    tenant: TenantOption = "default",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a person another role; all their sessions end."""
    from gwf.cli import identity_desk as desk

    wish = desk.UserWish(role=desk.role_of(role))
    desk.change_user(desk.Place(data=data, config=config, tenant=tenant), name, wish)


@app.command("disable")
def disable(
    name: Name, *, tenant: TenantOption = "default", data: DataOption = None, config: ConfigOption = None
) -> None:
    """Shut a person out, at once; what they did stays in the record."""
    from gwf.cli import identity_desk as desk

    desk.change_user(desk.Place(data=data, config=config, tenant=tenant), name, desk.UserWish(disabled=True))


@app.command("enable")
def enable(
    name: Name, *, tenant: TenantOption = "default", data: DataOption = None, config: ConfigOption = None
) -> None:
    """Let a person in again."""
    from gwf.cli import identity_desk as desk

    desk.change_user(desk.Place(data=data, config=config, tenant=tenant), name, desk.UserWish(disabled=False))
