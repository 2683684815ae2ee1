"""/api/v1/users: the people of a tenant."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import by_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.core.clock import Clock, utc_text
from gwf.identity.model import Page, User, UserFilter, UserId
from gwf.identity.permissions import Role
from gwf.identity.users import NewUser, Users, UserWish
from gwf.wire.identity import UserChange, UserOrder, UserPage, UserView

Manager = Annotated[Principal, require(Permission.USERS_MANAGE)]
Roles = Annotated[list[Role], Query(max_length=10, description="may be repeated")]
Text = Annotated[str, Query(max_length=200, description="in either name, without regard to case")]
Id = Annotated[str, Path(pattern=r"^usr_[0-9a-f]{16}$")]


def user_routes(users: Users, clock: Clock) -> APIRouter:
    """Return the routes that read and change `users`."""
    router = APIRouter(prefix="/users", tags=["users"], route_class=ActRoute)

    @router.get("", summary="People, newest first")
    async def list_users(
        who: Manager,
        *,
        role: Roles = [],  # noqa: B006  # FastAPI copies defaults
        disabled: Annotated[bool | None, Query(description="shut out or not; default: both")] = None,
        text: Text = "",
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> UserPage:
        wanted = UserFilter(roles=frozenset(role), disabled=disabled, text=text)
        found = await users.page(who.tenant, Page(after=read_cursor(cursor), limit=limit), wanted)
        more = write_cursor(found[-1].created_at_ms, found[-1].id) if len(found) == limit else None
        return UserPage(
            items=[_view(user) for user in found],
            next_cursor=more,
            total=None if cursor is not None else await users.count(who.tenant, wanted),
            as_of=utc_text(clock.now_ms()),
        )

    @router.post("", status_code=201, summary="Make a person")
    async def create_user(order: UserOrder, who: Manager, request: Request) -> UserView:
        wish = NewUser(
            name=order.name,
            role=order.role,
            display_name=word(order.display_name),
            password=order.password.get_secret_value() if order.password else None,
        )
        return _view(await users.create(wish, by_of(request, who, word(order.reason))))

    @router.get("/{user_id}", summary="One person")
    async def get_user(user_id: Id, who: Manager) -> UserView:
        return _view(await users.get(who.tenant, UserId(user_id)))

    @router.post("/{user_id}", summary="Change role, name or password of a person, or shut them out")
    async def change_user(user_id: Id, order: UserChange, who: Manager, request: Request) -> UserView:
        wish = UserWish(
            role=order.role,
            display_name=None if order.display_name is None else word(order.display_name),
            disabled=order.disabled,
            password=order.password.get_secret_value() if order.password else None,
        )
        return _view(await users.change(UserId(user_id), wish, by_of(request, who, word(order.reason))))

    return router


def _view(user: User) -> UserView:
    return UserView(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        disabled=user.disabled_at_ms is not None,
        has_password=user.password_hash is not None,
        created_at=utc_text(user.created_at_ms),
        last_login_at=None if user.last_login_at_ms is None else utc_text(user.last_login_at_ms),
        revision=user.revision,
    )
