"""/api/v1/templates: texts of messages as people write them, tried before they count."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request

from gwf.alerts.delivery.template import MessageTemplate
from gwf.alerts.delivery.texts import MessageTexts
from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.deliveryviews import template_view
from gwf.wire.delivery import (
    PreviewOrder,
    PreviewView,
    TemplateKindName,
    TemplateList,
    TemplateText,
    TemplateView,
    TemplateWish,
)

KindInPath = Annotated[TemplateKindName, Path()]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
Writing = Annotated[Principal, require(Permission.ALERTS_WRITE)]
Why = Annotated[str, Query(max_length=500, description="why, for the record")]


def template_routes(texts: MessageTexts) -> APIRouter:
    """Return the routes that show texts and try them; nothing is changed."""
    router = APIRouter(tags=["channels"])

    @router.get("/templates", summary="Texts of all kinds of messages, with the places that they may have")
    async def list_templates(who: Reading) -> TemplateList:
        return TemplateList(items=[template_view(one) for one in await texts.all(who.tenant)])

    @router.post("/templates:preview", summary="Show how a message would read; nobody is told anything")
    async def preview_template(who: Writing, order: Annotated[PreviewOrder, Body()]) -> PreviewView:
        found = await texts.preview(
            who.tenant, order.kind, _template(order), channel=order.channel, notice_id=order.notice_id
        )
        return PreviewView(title=found.title, text=found.text, size_bytes=found.size_bytes, max_bytes=found.max_bytes)

    return router


def template_orders(texts: MessageTexts) -> APIRouter:
    """Return the routes that keep texts, or give them up."""
    router = APIRouter(prefix="/templates", tags=["channels"], route_class=ActRoute)

    @router.put("/{kind}", summary="Write the text of a kind of messages")
    async def put_template(
        request: Request, who: Writing, kind: KindInPath, wish: Annotated[TemplateWish, Body()]
    ) -> TemplateView:
        by = caller_of(request, who, word(wish.reason))
        return template_view(await texts.write(who.tenant, kind, _template(wish), by=by))

    @router.delete("/{kind}", summary="Give a text up: the one that comes with the program counts again")
    async def delete_template(request: Request, who: Writing, kind: KindInPath, *, reason: Why = "") -> TemplateView:
        return template_view(await texts.unwrite(who.tenant, kind, by=caller_of(request, who, word(reason))))

    return router


def _template(text: TemplateText) -> MessageTemplate:
    return MessageTemplate(title=text.title, text=text.text)
