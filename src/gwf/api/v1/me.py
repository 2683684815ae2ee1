"""/api/v1/me: who asks, how they want the console to be, and what the process that answers is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import ValidationError

from gwf.api.accounts import session_in
from gwf.api.principal import Permission, Principal, require, require_login
from gwf.core.clock import Clock, utc_text
from gwf.identity.desk import Desk
from gwf.identity.principal import PrincipalKind
from gwf.identity.secrets import csrf_word
from gwf.wire.me import Me, Preferences, ProcessView, Who

Self = Annotated[Principal, require(Permission.ACCOUNT)]
Anybody = Annotated[Principal, require_login()]
_WITH_SESSION = frozenset({PrincipalKind.USER, PrincipalKind.LOCAL})


def me_routes(process: Callable[[], ProcessView], desk: Desk | None, clock: Clock) -> APIRouter:
    """Return /me; without a `desk` nobody's preferences are kept here."""
    router = APIRouter(prefix="/me", tags=["account"])

    @router.get("", summary="Who asks, how they want the console to be, and what answers")
    async def me(who: Anybody, request: Request) -> Me:
        kept = desk is not None and who.may(Permission.ACCOUNT)
        chosen: Mapping[str, object] = await desk.preferences(who) if desk is not None and kept else {}
        return Me(
            **who_view(who, csrf_of(request, who)).model_dump(),
            preferences=preferences_of(chosen),
            preferences_kept=kept,
            process=process(),
            as_of=utc_text(clock.now_ms()),
        )

    return router


def preference_routes(desk: Desk) -> APIRouter:
    """Return what changes preferences."""
    router = APIRouter(prefix="/me", tags=["account"])

    @router.put("/preferences", summary="Keep how one wants the console to be; what is left out is as usual")
    async def put_preferences(who: Self, wish: Annotated[Preferences, Body()]) -> Preferences:
        await desk.put_preferences(who, wish.model_dump())
        return wish

    return router


def who_view(who: Principal, csrf: str | None) -> Who:
    """Return who asks as it is sent."""
    return Who(
        kind=who.kind.value,
        id=who.id,
        name=who.name,
        tenant=who.tenant,
        role=who.role,
        permissions=sorted(who.permissions),
        csrf=csrf,
    )


def csrf_of(request: Request, who: Principal) -> str | None:
    """Return the word that goes with the session of a request; None when it has none."""
    secret = session_in(request.headers) if who.kind in _WITH_SESSION else ""
    return csrf_word(secret) if secret else None


def preferences_of(chosen: Mapping[str, object]) -> Preferences:
    """Return what was chosen; a word that this release does not know, or no longer, counts as not chosen."""
    known = {name: value for name, value in chosen.items() if name in Preferences.model_fields}
    try:
        return Preferences.model_validate(known)
    except ValidationError as exc:
        wrong = {fault["loc"][0] for fault in exc.errors()}
        return Preferences.model_validate({name: value for name, value in known.items() if name not in wrong})
