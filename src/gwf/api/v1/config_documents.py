"""/api/v1/config-settings and /api/v1/config-documents:check: what an editor of layers asks while somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, cast

from fastapi import APIRouter, Request
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.config_layers import DOCUMENT_BODY, IdInQuery
from gwf.api.v1.document import body_text, is_json, json_value
from gwf.api.v1.rolloutviews import change_views
from gwf.control.config.canonical import canonical, pointer
from gwf.control.config.check import FaultyDocumentError, faults_of
from gwf.control.config.diff import Change
from gwf.control.config.model import Document, Fault, LayerId
from gwf.control.rollout.versions import ConfigService
from gwf.core.errors import ConfigError, InputError
from gwf.core.settings.compare import Place
from gwf.core.settings.draft import Loc, is_block
from gwf.core.settings.meanings import meanings
from gwf.core.settings.part import MANAGED
from gwf.core.settings.plain import plain_yaml
from gwf.core.settings.schema import BLOCKS, ROOT, Kind, Shape, amount, bounds, field_shape
from gwf.core.settings.yamlfile import YamlContent, parse_yaml
from gwf.wire.configforms import DocumentCheck, DocumentFault, SettingView

Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Writing = Annotated[Principal, require(Permission.CONFIG_WRITE)]

_LINE = re.compile(r"line (\d+)")
_SOURCE = " [body line"


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
        read = _from_json(sent) if is_json(request) else _from_yaml(sent)
        if isinstance(read, DocumentCheck):
            return read
        document = cast("Document", read.value)
        changes, faults = tuple[Change, ...](), faults_of(document)
        try:
            changes = await configs.changes_of(who.tenant, None if layer is None else LayerId(layer), document)
        except FaultyDocumentError as exc:  # a masked secret that stands for none
            faults = (*faults, *exc.faults)
        return DocumentCheck(
            document=cast("dict[str, JsonValue]", document),
            text=sent if not is_json(request) else plain_yaml(document),
            faults=[*map(_told, read.problems), *_faults(faults, read.lines)],
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


def _from_json(text: str) -> YamlContent:
    value = json_value(text)
    if not is_block(value):
        raise InputError("the body is no mapping of keys such as stores and agent")
    canonical(value)  # refuses what JSON has no word for
    return YamlContent(value=value, lines=parse_yaml(plain_yaml(value), source="body").lines)


def _from_yaml(text: str) -> YamlContent | DocumentCheck:
    try:
        content = parse_yaml(text, source="body")
    except ConfigError as exc:
        return DocumentCheck(document=None, text=text, faults=[*map(_told, exc.problems)], changes=[])
    if content.value is None:  # nothing but comments
        content.value = dict[str, object]()
    if not is_block(content.value):
        fault = DocumentFault(pointer="", code="invalid_yaml", message="write keys such as stores and agent", line=1)
        return DocumentCheck(document=None, text=text, faults=[fault], changes=[])
    return content


def _told(problem: str) -> DocumentFault:
    """Return a problem of the text; it names its line by itself."""
    line = _LINE.search(problem)
    message = problem.removeprefix("body: ").partition(_SOURCE)[0]
    return DocumentFault(
        pointer="", code="invalid_yaml", message=message.strip(), line=None if line is None else int(line[1])
    )


def _faults(faults: Iterable[Fault], lines: Mapping[Loc, int]) -> list[DocumentFault]:
    by_pointer = {pointer(loc): line for loc, line in lines.items()}
    return [
        DocumentFault(
            pointer=fault.pointer, code=fault.code, message=fault.message, line=_line_of(fault.pointer, by_pointer)
        )
        for fault in faults
    ]


def _line_of(place: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a place, or of the nearest block around it: a key that is missing stands nowhere."""
    while place and place not in lines:
        place = place.rpartition("/")[0]
    return lines.get(place)
