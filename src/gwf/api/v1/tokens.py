"""/api/v1/tokens and /api/v1/enrolment-tokens: ways in for programs, and for agents that register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from gwf.api.acts import ActRoute, keep_secret
from gwf.api.caller import by_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, permitted, require
from gwf.core.clock import Clock, utc_text
from gwf.identity.model import ApiToken, EnrolmentToken, Page, TokenFilter, TokenId, TokenState, UserId
from gwf.identity.permissions import Role
from gwf.identity.tokens import NewEnrolment, NewToken, Tokens
from gwf.wire.identity import (
    EnrolmentOrder,
    EnrolmentPage,
    EnrolmentView,
    NewEnrolmentView,
    NewTokenView,
    TokenOrder,
    TokenPage,
    TokenView,
)

Self = Annotated[Principal, require(Permission.ACCOUNT)]
Enroller = Annotated[Principal, require(Permission.FLEET_ENROL)]
Cursor = Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=1000)]
States = Annotated[list[TokenState], Query(max_length=10, description="may be repeated; default: all")]
Text = Annotated[str, Query(max_length=200, description="in the name, without regard to case")]


def token_routes(tokens: Tokens, clock: Clock) -> APIRouter:
    """Return the routes of API tokens."""
    router = APIRouter(prefix="/tokens", tags=["tokens"], route_class=ActRoute)

    @router.get("", summary="One's own API tokens, newest first")
    async def list_tokens(
        who: Self,
        request: Request,
        *,
        everybody: Annotated[bool, Query(description="those of all people and machines; needs users:manage")] = False,
        state: States = [],  # noqa: B006  # FastAPI copies defaults
        role: Annotated[list[Role], Query(max_length=10, description="may be repeated")] = [],  # noqa: B006
        text: Text = "",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> TokenPage:
        if everybody:
            permitted(request, Permission.USERS_MANAGE)
        wanted = TokenFilter(
            user_id=None if everybody else UserId(who.owner), states=frozenset(state), roles=frozenset(role), text=text,
            now_ms=clock.now_ms(),
        )  # fmt: skip
        found = await tokens.page(who.tenant, Page(after=read_cursor(cursor), limit=limit), wanted)
        total = None if cursor is not None else await tokens.count(who.tenant, wanted)
        items = [_view(token) for token in found]
        return TokenPage(items=items, next_cursor=_more(found, limit), total=total, as_of=utc_text(wanted.now_ms))

    @router.post("", status_code=201, summary="Make an API token; its secret is in this answer only")
    async def create_token(order: TokenOrder, who: Self, request: Request) -> NewTokenView:
        wish = NewToken(
            name=order.name,
            role=order.role,
            scopes=None if order.scopes is None else frozenset(order.scopes),
            expires_in_s=order.expires_in_s,
            machine=order.machine,
        )
        token, secret = await tokens.create(wish, who, by_of(request, who))
        keep_secret(request)
        return NewTokenView(token=_view(token), secret=secret)

    @router.post("/{token_id}:revoke", summary="Take an API token its effect, at once")
    async def revoke_token(
        token_id: Annotated[str, Path(pattern=r"^tok_[0-9a-f]{16}$")], who: Self, request: Request
    ) -> TokenView:
        return _view(await tokens.revoke(TokenId(token_id), who, by_of(request, who)))

    return router


def enrolment_routes(tokens: Tokens, clock: Clock) -> APIRouter:
    """Return the routes of enrolment tokens."""
    router = APIRouter(prefix="/enrolment-tokens", tags=["tokens"], route_class=ActRoute)

    @router.get("", summary="Enrolment tokens, newest first")
    async def list_enrolment_tokens(
        who: Enroller,
        *,
        state: States = [],  # noqa: B006  # FastAPI copies defaults
        text: Text = "",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> EnrolmentPage:
        wanted = TokenFilter(states=frozenset(state), text=text, now_ms=clock.now_ms())
        found = await tokens.enrolments(who.tenant, Page(after=read_cursor(cursor), limit=limit), wanted)
        total = None if cursor is not None else await tokens.count_enrolments(who.tenant, wanted)
        items = [_enrolment(token) for token in found]
        return EnrolmentPage(items=items, next_cursor=_more(found, limit), total=total, as_of=utc_text(wanted.now_ms))

    @router.post("", status_code=201, summary="Make an enrolment token; its secret is in this answer only")
    async def create_enrolment_token(order: EnrolmentOrder, who: Enroller, request: Request) -> NewEnrolmentView:
        wish = NewEnrolment(
            name=order.name,
            labels=order.labels,
            group_id=order.group_id,
            max_uses=order.max_uses,
            expires_in_s=order.expires_in_s,
        )
        token, secret = await tokens.create_enrolment(wish, by_of(request, who))
        keep_secret(request)
        return NewEnrolmentView(token=_enrolment(token), secret=secret)

    @router.post("/{token_id}:revoke", summary="Take an enrolment token its effect; its agents stay")
    async def revoke_enrolment_token(
        token_id: Annotated[str, Path(pattern=r"^enr_[0-9a-f]{16}$")], who: Enroller, request: Request
    ) -> EnrolmentView:
        return _enrolment(await tokens.revoke_enrolment(TokenId(token_id), by_of(request, who)))

    return router


def _view(token: ApiToken) -> TokenView:
    return TokenView(
        id=token.id,
        name=token.name,
        role=token.role,
        scopes=None if token.scopes is None else sorted(token.scopes),
        user_id=token.user_id,
        created_by=token.created_by,
        created_at=utc_text(token.created_at_ms),
        expires_at=_at(token.expires_at_ms),
        used_at=_at(token.used_at_ms),
        revoked_at=_at(token.revoked_at_ms),
    )


def _enrolment(token: EnrolmentToken) -> EnrolmentView:
    return EnrolmentView(
        id=token.id,
        name=token.name,
        labels=dict(token.labels),
        group_id=token.group_id,
        max_uses=token.max_uses,
        uses=token.uses,
        created_by=token.created_by,
        created_at=utc_text(token.created_at_ms),
        expires_at=_at(token.expires_at_ms),
        revoked_at=_at(token.revoked_at_ms),
    )


def _more(found: Sequence[ApiToken | EnrolmentToken], limit: int) -> str | None:
    return write_cursor(found[-1].created_at_ms, found[-1].id) if len(found) == limit else None


def _at(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
