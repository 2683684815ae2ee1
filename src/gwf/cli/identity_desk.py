"""The work of `gwf user`, `gwf token` and `gwf enrol`: changes people and tokens in the centre's database."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from gwf.app.database import address_of
from gwf.audit.model import Actor, ActorKind
from gwf.cli import show, sources
from gwf.core.clock import SystemClock, utc_text
from gwf.core.errors import ConfigError, InputError
from gwf.core.units import parse_duration_s
from gwf.db.address import Backend
from gwf.db.database import open_database
from gwf.db.identity_store import SqlIdentity
from gwf.identity.model import ApiToken, EnrolmentToken, Page, TokenId, User
from gwf.identity.passwords import Passwords
from gwf.identity.permissions import Permission, Role
from gwf.identity.principal import LOCAL
from gwf.identity.record import By
from gwf.identity.tokens import NewEnrolment, NewToken, Tokens
from gwf.identity.users import NewUser, Users, UserWish

__all__ = ["NewEnrolment", "NewToken", "NewUser", "UserWish"]

MAX_ROWS = 100_000
MAX_PASSWORD_BYTES = 4096
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose people in which database."""

    data: Path | None
    config: Path | None
    tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services, and on whose behalf they are asked."""

    users: Users
    tokens: Tokens
    by: By


def add_user(place: Place, wish: NewUser) -> None:
    """Make a person, and the tenant if it is new.

    Raises:
        InputError: Name or password cannot be one.
        ConflictError: The name is taken.
    """

    async def work(desk: Desk) -> None:
        await desk.users.ensure_tenant(place.tenant, desk.by)
        await desk.users.create(wish, desk.by)

    _at_desk(place, work)


def change_user(place: Place, name: str, wish: UserWish) -> None:
    """Change a person.

    Raises:
        NotFoundError: Nobody has this name.
        ConflictError: No administrator would be left.
    """

    async def work(desk: Desk) -> None:
        user = await desk.users.get_named(place.tenant, name)
        await desk.users.change(user.id, wish, desk.by)

    _at_desk(place, work)


def print_users(place: Place, *, as_json: bool) -> None:
    """Print everybody."""
    _print_users(_at_desk(place, lambda desk: desk.users.page(place.tenant, Page(limit=MAX_ROWS))), as_json=as_json)


def print_user(place: Place, name: str, *, as_json: bool) -> None:
    """Print one person."""
    _print_users([_at_desk(place, lambda desk: desk.users.get_named(place.tenant, name))], as_json=as_json)


def create_token(place: Place, wish: NewToken, *, as_json: bool) -> None:
    """Make an API token and print its secret."""

    async def work(desk: Desk) -> tuple[ApiToken, str]:
        await desk.users.ensure_tenant(place.tenant, desk.by)
        return await desk.tokens.create(wish, LOCAL, desk.by)

    token, secret = _at_desk(place, work)
    _print_secret(token.id, secret, as_json=as_json)


def print_tokens(place: Place, *, as_json: bool) -> None:
    """Print every API token."""
    tokens = _at_desk(place, lambda desk: desk.tokens.page(place.tenant, Page(limit=MAX_ROWS)))
    _print_tokens([(token, _limits_of_token(token)) for token in tokens], as_json=as_json)


def revoke_token(place: Place, token: str) -> None:
    """Take an API token its effect.

    Raises:
        NotFoundError: None has this id.
    """
    _at_desk(place, lambda desk: desk.tokens.revoke(TokenId(token), LOCAL, desk.by))


def create_enrolment(place: Place, wish: NewEnrolment, *, as_json: bool) -> None:
    """Make an enrolment token and print its secret."""

    async def work(desk: Desk) -> tuple[EnrolmentToken, str]:
        await desk.users.ensure_tenant(place.tenant, desk.by)
        return await desk.tokens.create_enrolment(wish, desk.by)

    token, secret = _at_desk(place, work)
    _print_secret(token.id, secret, as_json=as_json)


def print_enrolments(place: Place, *, as_json: bool) -> None:
    """Print every enrolment token."""
    tokens = _at_desk(place, lambda desk: desk.tokens.enrolments(place.tenant, Page(limit=MAX_ROWS)))
    _print_tokens([(token, _limits_of_enrolment(token)) for token in tokens], as_json=as_json)


def revoke_enrolment(place: Place, token: str) -> None:
    """Take an enrolment token its effect.

    Raises:
        NotFoundError: None has this id.
    """
    _at_desk(place, lambda desk: desk.tokens.revoke_enrolment(TokenId(token), desk.by))


def new_password(file: str | None) -> str:
    """Return a password from a file, from standard input, or from a person at the terminal.

    Raises:
        InputError: The file cannot be read, or there is nobody to ask.
    """
    if file is None:
        if not sys.stdin.isatty():
            raise InputError("there is no terminal to ask for the password: use --password-file FILE")
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    try:
        content = sys.stdin.buffer.read(MAX_PASSWORD_BYTES) if file == "-" else Path(file).read_bytes()
        return content[:MAX_PASSWORD_BYTES].split(b"\n", 1)[0].decode().rstrip("\r")
    except OSError as exc:
        raise InputError("the file with the password cannot be read", path=file, reason=exc.strerror) from exc
    except UnicodeDecodeError as exc:
        raise InputError("the password is no UTF-8 text", path=file) from exc


def role_of(text: str) -> Role:
    """Return the role of a name.

    Raises:
        InputError: There is none.
    """
    if text not in list(Role):
        raise InputError(f"--role is one of {', '.join(Role)}", role=text)
    return Role(text)


def scopes_of(texts: Sequence[str] | None) -> frozenset[Permission] | None:
    """Return the permissions of their names; None = no narrowing.

    Raises:
        InputError: There is none of a name.
    """
    for text in texts or ():
        if text not in list(Permission):
            raise InputError(f"--scope is one of {', '.join(Permission)}", given=text)
    return frozenset(map(Permission, texts)) if texts else None


def labels_of(texts: Sequence[str] | None) -> dict[str, str]:
    """Return labels from NAME=VALUE.

    Raises:
        InputError: One has no equals sign.
    """
    pairs = [text.partition("=") for text in texts or ()]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise InputError("a label is NAME=VALUE", label=wrong[0])
    return {name: value for name, _, value in pairs}


def seconds_of(text: str | None) -> float | None:
    """Return a duration such as 90d in seconds.

    Raises:
        InputError: It is none, or not positive.
    """
    if text is None:
        return None
    try:
        seconds = float(str(parse_duration_s(text)))
    except ValueError as exc:
        raise InputError(f"--expires {exc}", expires=text) from exc
    if not 0 < seconds <= 10 * 366 * 86400:
        raise InputError("--expires is more than nothing and at most ten years", expires=text)
    return seconds


def _at_desk(place: Place, work: Callable[[Desk], Awaitable[Result]]) -> Result:
    overrides: dict[str, object] = {"data_dir": None if place.data is None else str(place.data)}
    address = address_of(sources.load(place.config, overrides).settings)
    if address.backend is Backend.MEMORY:
        raise ConfigError("a centre in memory has people and tokens only while it runs: use its API, or a database")

    async def run() -> Result:
        clock = SystemClock()
        actor = Actor(kind=ActorKind.LOCAL, id=f"cli:{getpass.getuser()}")
        passwords = Passwords()
        async with await open_database(address, clock=clock, fallback=False) as database:
            store = SqlIdentity(database.core)
            by = By(tenant=place.tenant, actor=actor, id="local")
            desk = Desk(users=Users(store, passwords, clock), tokens=Tokens(store, clock), by=by)
            try:
                return await work(desk)
            finally:
                passwords.close()

    return asyncio.run(run())


def _print_secret(token_id: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"id": token_id, "secret": secret})
        return
    show.warn(f"{token_id}: keep this token, it is not shown again")
    show.line(secret)


def _print_users(users: Sequence[User], *, as_json: bool) -> None:
    if as_json:
        show.as_json({"items": [_user_row(user) for user in users]})
        return
    heads = ("name", "role", "state", "password", "last login", "id")
    show.table(heads, [tuple(_user_row(user).values()) for user in users])


def _user_row(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "state": "disabled" if user.disabled_at_ms is not None else "ok",
        "password": "yes" if user.password_hash is not None else "no",
        "last_login_at": _at(user.last_login_at_ms),
        "id": user.id,
    }


def _print_tokens(tokens: Sequence[tuple[ApiToken | EnrolmentToken, str]], *, as_json: bool) -> None:
    rows = [
        {
            "id": token.id,
            "name": token.name,
            "limits": limits,
            "created_at": utc_text(token.created_at_ms),
            "expires_at": _at(token.expires_at_ms),
            "revoked_at": _at(token.revoked_at_ms),
        }
        for token, limits in tokens
    ]
    if as_json:
        show.as_json({"items": rows})
        return
    show.table(("id", "name", "limits", "made", "expires", "revoked"), [tuple(row.values()) for row in rows])


def _limits_of_token(token: ApiToken) -> str:
    return token.role.value if token.scopes is None else f"{token.role.value}: {' '.join(sorted(token.scopes))}"


def _limits_of_enrolment(token: EnrolmentToken) -> str:
    uses = f"{token.uses} of {token.max_uses or 'any'}"
    labels = "".join(f" {name}={value}" for name, value in sorted(token.labels.items()))
    return f"{uses}{labels}{f' in {token.group_id}' if token.group_id else ''}"


def _at(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
