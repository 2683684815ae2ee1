"""/api/v1/config-settings and /api/v1/config-documents:check: what an editor of layers asks while somebody types."""

from __future__ import annotations

from functools import cache
from typing import Annotated, cast

from fastapi import APIRouter, Request
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.config_layers import DOCUMENT_BODY, IdInQuery
from gwf.api.v1.document import body_text, is_json
from gwf.api.v1.rolloutviews import change_views
from gwf.api.v1.typed import document_of_json_text, document_of_yaml
from gwf.control.config.check import FaultyDocumentError, faults_of
from gwf.control.config.diff import Change
from gwf.control.config.model import Document, LayerId
from gwf.control.rollout.versions import ConfigService
from gwf.core.settings.compare import Place
from gwf.core.settings.meanings import meanings
from gwf.core.settings.part import MANAGED
from gwf.core.settings.schema import BLOCKS, ROOT, Kind, Shape, amount, bounds, field_shape
from gwf.wire.configforms import DocumentCheck, SettingView

Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Writing = Annotated[Principal, require(Permission.CONFIG_WRITE)]


def document_routes(configs: ConfigService) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["fleet configuration"])

    @router.get("/config-settings", summary="The settings that a layer may decide, as a tree")
    async def get_config_settings(_who: Asking) -> SettingView:
        return settings_tree()

    @router.post(
        "/config-documents:check",
        summary="What is wrong with a document, and how it differs from a layer's newest version; nothing is kept",
        openapi_extra=DOCUMENT_BODY,
    )
    async def check_config_document(request: Request, who: Writing, *, layer: IdInQuery = None) -> DocumentCheck:
        sent = await body_text(request)
        read = document_of_json_text(sent) if is_json(request) else document_of_yaml(sent)
        if read.document is None:
            return DocumentCheck(document=None, text=read.text, faults=read.faults(()), changes=[])
        document = cast("Document", read.document)
        changes, faults = tuple[Change, ...](), faults_of(document)
        try:
            changes = await configs.changes_of(who.tenant, None if layer is None else LayerId(layer), document)
        except FaultyDocumentError as exc:  # a masked secret that stands for none
            faults = (*faults, *exc.faults)
        return DocumentCheck(
            document=read.document,
            text=read.text,
            faults=read.faults(faults),
            changes=change_views(changes),
        )

    return router


@cache
def settings_tree() -> SettingView:
    """Return all that a centre may decide; blocks of which it decides a part show that part."""
    return _view("", ROOT, place=(), meaning="")


def _view(name: str, shape: Shape, *, place: Place, meaning: str, info: FieldInfo | None = None) -> SettingView:
    item = shape.item
    return SettingView(
        name=name,
        kind=shape.kind.value,
        meaning=meaning,
        required=info is not None and info.is_required(),
        default=_default(info, shape),
        bounds=bounds(shape),
        choices=list(shape.choices),
        keys=_keys(shape, place),
        item=None if item is None else _view("", item, place=(*place, ""), meaning=""),
    )


def _keys(shape: Shape, place: Place) -> list[SettingView]:
    if shape.section is None:
        return []
    told = meanings(shape.section)
    return [
        _view(name, field_shape(info), place=(*place, name), meaning=told[name], info=info)
        for name, info in shape.section.model_fields.items()
        if _is_managed((*place, name))
    ]


def _is_managed(place: Place) -> bool:
    return any(place[: len(known)] == known[: len(place)] for known in MANAGED)


def _default(info: FieldInfo | None, shape: Shape) -> JsonValue:
    if info is None or info.is_required() or shape.kind is Kind.SECTION:
        return None
    value: object = info.get_default(call_default_factory=True, validated_data={})
    if value is None or isinstance(value, bool):
        return value
    if shape.kind in BLOCKS:
        return [str(item) for item in cast("tuple[object, ...]", value)] if shape.kind is Kind.LIST else {}
    if shape.kind in {Kind.COUNT, Kind.NUMBER}:
        return cast("JsonValue", value)
    return amount(value, shape.kind)
