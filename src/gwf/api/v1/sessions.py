"""/api/v1/login, /logout and what is below /me: one's own sessions and password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gwf.api.accounts import session_in
from gwf.api.caller import address_of, by_of
from gwf.api.cookies import Cookies
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.v1.me import who_view
from gwf.core.clock import utc_text
from gwf.core.errors import ConflictError
from gwf.identity.logins import Credentials, Logins
from gwf.identity.model import SessionId, UserId
from gwf.identity.principal import PrincipalKind
from gwf.identity.secrets import hash_of
from gwf.identity.users import Users
from gwf.identity.validity import user_principal
from gwf.wire.identity import LoginOrder, PasswordChange, SessionView
from gwf.wire.me import Who

Self = Annotated[Principal, require(Permission.ACCOUNT)]


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

    @router.get("/sessions", summary="One's own sessions, newest first")
    async def my_sessions(who: Self) -> list[SessionView]:
        found = await users.sessions(who.tenant, _user(who))
        return [
            SessionView(
                id=item.id,
                created_at=utc_text(item.created_at_ms),
                seen_at=utc_text(item.seen_at_ms),
                expires_at=utc_text(item.expires_at_ms),
                address=item.address,
                user_agent=item.user_agent,
            )
            for item in found
        ]

    @router.post("/sessions/{session_id}:end", status_code=204, summary="End one of one's own sessions")
    async def end_my_session(
        session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], who: Self, request: Request
    ) -> None:
        await users.end_session(_user(who), SessionId(session_id), by_of(request, who))

    return router


def _user(who: Principal) -> UserId:
    if who.kind is not PrincipalKind.USER:
        raise ConflictError("only a person who logged in has sessions and a password", kind=who.kind.value)
    return UserId(who.id)
