"""/api/v1/notices and /api/v1/messages: what there was to tell, what was sent, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.alerts.delivery.desk import DeliveryDesk
from gwf.alerts.delivery.reads import Narrow
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.author import word
from gwf.api.v1.deliveryviews import message_detail, message_item, notice_view
from gwf.core.clock import utc_text
from gwf.wire.alerts import AlertOrder
from gwf.wire.delivery import (
    MessageDetail,
    MessageItem,
    MessagePage,
    MessageStateName,
    NoticePage,
    NoticeStateName,
    NoticeView,
)

NoticeInPath = Annotated[str, Path(pattern=r"^ntc_[0-9a-f]{24}$", max_length=40)]
MessageInPath = Annotated[str, Path(pattern=r"^msg_[0-9a-f]{24}$", max_length=40)]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
Writing = Annotated[Principal, require(Permission.ALERTS_WRITE)]
ChannelWords = Annotated[list[Annotated[str, Query(min_length=1, max_length=64)]], Query(max_length=50)]
Cursor = Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


def _narrowed(
    *,
    channel: ChannelWords = [],  # noqa: B006  # FastAPI copies defaults
    since: Instant = None,
    until: Instant = None,
) -> Narrow:
    return Narrow(channels=frozenset(channel), since_ms=milliseconds(since), until_ms=milliseconds(until))


Narrowed = Annotated[Narrow, Depends(_narrowed)]


def notice_routes(desk: DeliveryDesk) -> APIRouter:
    """Return the routes that show notices."""
    router = APIRouter(prefix="/notices", tags=["channels"])

    @router.get("", summary="Notices and what became of them on each channel, the newest first")
    async def list_notices(
        who: Reading,
        narrow: Narrowed,
        *,
        state: Annotated[list[NoticeStateName], Query(max_length=5)] = [],  # noqa: B006  # FastAPI copies defaults
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> NoticePage:
        wanted = replace(narrow, states=frozenset(state))
        found = await desk.notices(who.tenant, wanted, limit=limit, after=read_cursor(cursor))
        last = found[-1].notice if len(found) == limit else None
        return NoticePage(
            items=[notice_view(one) for one in found],
            next_cursor=None if last is None else write_cursor(last.at_ms, last.notice_id),
            as_of=utc_text(desk.now_ms()),
        )

    @router.get("/{notice_id}", summary="A notice and what became of it on each channel")
    async def get_notice(who: Reading, notice_id: NoticeInPath) -> NoticeView:
        return notice_view(await desk.notice(who.tenant, notice_id))

    return router


def message_routes(desk: DeliveryDesk) -> APIRouter:
    """Return the routes that show messages."""
    router = APIRouter(prefix="/messages", tags=["channels"])

    @router.get("", summary="What channels were sent, the newest first")
    async def list_messages(
        who: Reading,
        narrow: Narrowed,
        *,
        state: Annotated[list[MessageStateName], Query(max_length=5)] = [],  # noqa: B006
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> MessagePage:
        wanted = replace(narrow, states=frozenset(state))
        found = await desk.messages(who.tenant, wanted, limit=limit, after=read_cursor(cursor))
        last = found[-1].message if len(found) == limit else None
        return MessagePage(
            items=[message_item(one) for one in found],
            next_cursor=None if last is None else write_cursor(last.created_at_ms, last.message_id),
            as_of=utc_text(desk.now_ms()),
        )

    @router.get("/{message_id}", summary="A message with its text and the notices that it tells")
    async def get_message(who: Reading, message_id: MessageInPath) -> MessageDetail:
        kept, told = await desk.message(who.tenant, message_id)
        return message_detail(kept, list(told))

    return router


def message_orders(desk: DeliveryDesk) -> APIRouter:
    """Return the route that has a message sent again."""
    router = APIRouter(prefix="/messages", tags=["channels"], route_class=ActRoute)

    @router.post("/{message_id}:retry", summary="Have a message that failed sent again, under its id")
    async def retry_message(
        request: Request, who: Writing, message_id: MessageInPath, order: Annotated[AlertOrder, Body()]
    ) -> MessageItem:
        return message_item(await desk.again(who.tenant, message_id, by=caller_of(request, who, word(order.reason))))

    return router
