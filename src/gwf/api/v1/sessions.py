"""/api/v1/login, /logout, sessions and passwords, and what each role may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gwf.api.accounts import session_in
from gwf.api.acts import ActRoute
from gwf.api.caller import address_of, by_of
from gwf.api.cookies import Cookies
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.v1.me import who_view
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import ConflictError
from gwf.identity.logins import Credentials, Logins
from gwf.identity.model import Session, SessionId, UserId
from gwf.identity.permissions import PERMISSIONS_OF, Role
from gwf.identity.principal import PrincipalKind
from gwf.identity.secrets import hash_of
from gwf.identity.sessions import Sessions
from gwf.identity.users import Users
from gwf.identity.validity import user_principal
from gwf.wire.identity import LoginOrder, PasswordChange, RoleList, RoleView, SessionPage, SessionsEnded, SessionView
from gwf.wire.me import Who

Self = Annotated[Principal, require(Permission.ACCOUNT)]
Manager = Annotated[Principal, require(Permission.USERS_MANAGE)]
Person = Annotated[str, Path(pattern=r"^usr_[0-9a-f]{16}$")]


def login_routes(logins: Logins, cookies: Cookies) -> APIRouter:
    """Return /login and /logout."""
    router = APIRouter(tags=["account"])

    @router.post("/login", summary="Log in by name and password; the answer sets the cookie of a session")
    async def login(order: LoginOrder, request: Request, response: Response) -> Who:
        given = Credentials(
            tenant=order.tenant,
            name=order.name,
            password=order.password.get_secret_value(),
            address=address_of(request),
            user_agent=request.headers.get("user-agent", ""),
            request_id=request_id_of(request.scope),
        )
        opened = await logins.login(given)
        cookies.put(request, response, secret=opened.secret, csrf=opened.csrf)
        return who_view(user_principal(opened.user), opened.csrf)

    @router.post("/logout", status_code=204, summary="End the session of this request")
    async def logout(who: Self, request: Request, response: Response) -> None:
        secret = session_in(request.headers)
        if who.kind is PrincipalKind.LOCAL:
            request.app.state.local.end_session(secret)
        elif secret:
            await logins.logout(secret, by_of(request, who))
        cookies.drop(request, response)

    return router


def account_routes(users: Users) -> APIRouter:
    """Return what is below /me for people with a password."""
    router = APIRouter(prefix="/me", tags=["account"])

    @router.post("/password", status_code=204, summary="Give oneself a new password; all other sessions end")
    async def change_password(order: PasswordChange, who: Self, request: Request) -> None:
        await users.change_own_password(
            _user(who),
            order.old.get_secret_value(),
            order.new.get_secret_value(),
            session=hash_of(session_in(request.headers)),
            by=by_of(request, who),
        )

    return router


def session_routes(sessions: Sessions, clock: Clock) -> APIRouter:
    """Return one's own sessions."""
    router = APIRouter(prefix="/me/sessions", tags=["account"], route_class=ActRoute)

    @router.get("", summary="One's own sessions, newest first")
    async def my_sessions(who: Self, request: Request) -> SessionPage:
        found = await sessions.of(who.tenant, _user(who))
        return _page(found, clock, current=hash_of(session_in(request.headers)))

    @router.post(":end-others", summary="End all of one's sessions but the one of this request")
    async def end_my_other_sessions(who: Self, request: Request) -> SessionsEnded:
        mine = hash_of(session_in(request.headers))
        return SessionsEnded(ended=await sessions.end_all(_user(who), by_of(request, who), but=mine))

    @router.post("/{session_id}:end", status_code=204, summary="End one of one's own sessions")
    async def end_my_session(
        session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], who: Self, request: Request
    ) -> None:
        await sessions.end(_user(who), SessionId(session_id), by_of(request, who))

    return router


def user_session_routes(sessions: Sessions, clock: Clock) -> APIRouter:
    """Return the sessions of other people."""
    router = APIRouter(prefix="/users/{user_id}/sessions", tags=["users"], route_class=ActRoute)

    @router.get("", summary="Sessions of a person, newest first")
    async def list_user_sessions(user_id: Person, who: Manager, request: Request) -> SessionPage:
        found = await sessions.of(who.tenant, UserId(user_id))
        return _page(found, clock, current=hash_of(session_in(request.headers)))

    @router.post(":end", summary="End all sessions of a person")
    async def end_user_sessions(user_id: Person, who: Manager, request: Request) -> SessionsEnded:
        return SessionsEnded(ended=await sessions.end_all(UserId(user_id), by_of(request, who)))

    return router


def role_routes() -> APIRouter:
    """Return what each role may do."""
    router = APIRouter(prefix="/roles", tags=["account"])

    @router.get("", summary="Roles and what each may do")
    async def list_roles(_: Self) -> RoleList:
        return RoleList(items=[RoleView(role=role, permissions=sorted(PERMISSIONS_OF[role])) for role in Role])

    return router


def _page(found: Sequence[Session], clock: Clock, *, current: bytes) -> SessionPage:
    items = [
        SessionView(
            id=item.id,
            created_at=utc_text(item.created_at_ms),
            seen_at=utc_text(item.seen_at_ms),
            expires_at=utc_text(item.expires_at_ms),
            address=item.address,
            user_agent=item.user_agent,
            current=item.hash == current,
        )
        for item in found
    ]
    return SessionPage(items=items, as_of=utc_text(clock.now_ms()))


def _user(who: Principal) -> UserId:
    if who.kind is not PrincipalKind.USER:
        raise ConflictError("only a person who logged in has sessions and a password", kind=who.kind.value)
    return UserId(who.id)
