"""/api/v1/channels: ways to people, how they do; a test message."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request

from gwf.alerts.delivery.desk import DeliveryDesk
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.deliveryviews import channel_view, message_item
from gwf.core.clock import utc_text
from gwf.wire.delivery import ChannelCheck, ChannelList, ChannelView, MessageItem, TestOrder

ChannelInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", max_length=64)]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
Writing = Annotated[Principal, require(Permission.ALERTS_WRITE)]


def channel_routes(desk: DeliveryDesk) -> APIRouter:
    """Return the routes that show channels."""
    router = APIRouter(prefix="/channels", tags=["channels"])

    @router.get("", summary="Channels by name: how each does, and what it may still be sent")
    async def list_channels(who: Reading) -> ChannelList:  # noqa: ARG001  # channels are those of the settings
        now_ms = desk.now_ms()
        found = await desk.channels()
        return ChannelList(items=[channel_view(one, now_ms=now_ms) for one in found], as_of=utc_text(now_ms))

    @router.get("/{channel}", summary="A channel")
    async def get_channel(who: Reading, channel: ChannelInPath) -> ChannelView:  # noqa: ARG001
        return channel_view(await desk.channel(channel), now_ms=desk.now_ms())

    return router


def channel_checks(desk: DeliveryDesk) -> APIRouter:
    """Return the route that looks whether a channel can be reached; nobody is told, so nothing of it is on record."""
    router = APIRouter(prefix="/channels", tags=["channels"])

    @router.post("/{channel}:check", summary="Look whether a channel can be reached; nobody is told anything")
    async def check_channel(who: Writing, channel: ChannelInPath) -> ChannelCheck:  # noqa: ARG001
        return ChannelCheck(problem=await desk.check(channel))

    return router


def channel_orders(desk: DeliveryDesk) -> APIRouter:
    """Return the route that sends a test."""
    router = APIRouter(prefix="/channels", tags=["channels"], route_class=ActRoute)

    @router.post("/{channel}:test", summary="Send a message that says it is a test, and tell what became of it")
    async def send_test_message(
        request: Request, who: Writing, channel: ChannelInPath, order: Annotated[TestOrder, Body()]
    ) -> MessageItem:
        by = caller_of(request, who, word(order.reason))
        return message_item(await desk.test(who.tenant, channel, order.text, by=by))

    return router
