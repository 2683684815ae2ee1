"""/api/v1/config-layers and /api/v1/config-versions: what the centre wants its agents to work by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.ports import Document
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.document import whole_document
from gwf.api.v1.rolloutviews import (
    change_views,
    layer_values,
    next_cursor,
    page_of,
    shown,
    version_item,
    version_summary,
    version_values,
)
from gwf.control.config.diff import Change
from gwf.control.config.model import ConfigVersion, LayerId, LayerKind, VersionId
from gwf.control.rollout.outlook import ConfigOutlook
from gwf.control.rollout.ports import VersionFilter
from gwf.control.rollout.versions import ConfigService, Draft, LayerFacts
from gwf.core.errors import NotFoundError
from gwf.core.settings.plain import plain_yaml
from gwf.wire.configviews import VersionItemPage
from gwf.wire.rollouts import (
    LayerPage,
    LayerView,
    LayerWish,
    RollbackWish,
    VersionDiff,
    VersionOutcome,
    VersionView,
)

MAX_PAGE = 1_000

IdInPath = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
IdInQuery = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
CursorInQuery = Annotated[str | None, Query(max_length=400, description="next_cursor of the page before")]
LimitInQuery = Annotated[int, Query(ge=1, le=MAX_PAGE)]
DryRun = Annotated[bool, Query(description="check and compare only; change nothing")]
VersionText = Annotated[str, Query(max_length=200, description="in id, author or reason; `v12` is the number too")]
ReasonInQuery = Annotated[str, Query(max_length=1_000, description="why, for the record")]
Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Writing = Annotated[Principal, require(Permission.CONFIG_WRITE)]
DOCUMENT_BODY = {
    "requestBody": {
        "required": True,
        "description": "setting keys as a file has them; what is not in it is not in the layer any more",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}


def layer_routes(configs: ConfigService, outlook: ConfigOutlook) -> APIRouter:
    """Return the routes that show layers and their versions."""
    router = APIRouter(prefix="/config-layers", tags=["fleet configuration"])

    @router.get("", summary="All layers: the base, groups, agents")
    async def list_config_layers(who: Asking) -> LayerPage:
        items = [layer_view(facts, configs.name_of(facts.layer)) for facts in await configs.layer_facts(who.tenant)]
        return LayerPage(items=items, total=len(items))

    @router.get("/{layer_id}", summary="One layer")
    async def get_config_layer(who: Asking, layer_id: IdInPath) -> LayerView:
        for facts in await configs.layer_facts(who.tenant):
            if facts.layer.id == layer_id:
                return layer_view(facts, configs.name_of(facts.layer))
        raise NotFoundError("no such layer", layer_id=layer_id)

    @router.get("/{layer_id}/versions", summary="Versions of a layer, newest first")
    async def list_layer_versions(
        who: Asking,
        layer_id: IdInPath,
        *,
        text: VersionText = "",
        cursor: CursorInQuery = None,
        limit: LimitInQuery = 50,
    ) -> VersionItemPage:
        layer = await configs.layer(who.tenant, LayerId(layer_id))
        return await _versions(outlook, who.tenant, VersionFilter(layer=layer.id, text=text), part=(cursor, limit))

    @router.get("/{layer_id}/versions/{number}", summary="A version by its number in its layer")
    async def get_layer_version(
        who: Asking, layer_id: IdInPath, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
    ) -> VersionView:
        found = await outlook.version_numbered(who.tenant, LayerId(layer_id), number)
        return _whole(found, await configs.compare(who.tenant, found.parent, found.id))

    return router


def layer_orders(configs: ConfigService) -> APIRouter:
    """Return the routes that make layers and write versions."""
    router = APIRouter(prefix="/config-layers", tags=["fleet configuration"], route_class=ActRoute)

    @router.post("", status_code=201, summary="Make a layer for the base, a group or an agent")
    async def create_config_layer(request: Request, who: Writing, wish: Annotated[LayerWish, Body()]) -> LayerView:
        caller = caller_of(request, who, word(wish.reason))
        layer = await configs.add_layer(who.tenant, LayerKind(wish.kind), wish.subject, caller=caller)
        return layer_view(LayerFacts(layer=layer, current=None, rollout=None), configs.name_of(layer))

    @router.delete("/{layer_id}", status_code=204, summary="Remove a layer that no agent works by; its versions stay")
    async def delete_config_layer(
        request: Request, who: Writing, layer_id: IdInPath, *, reason: ReasonInQuery = ""
    ) -> None:
        await configs.remove_layer(who.tenant, LayerId(layer_id), caller=caller_of(request, who, word(reason)))

    @router.post(
        "/{layer_id}/versions",
        status_code=201,
        summary="Write a version of a layer; it counts for nobody before it is rolled out",
        openapi_extra=DOCUMENT_BODY,
    )
    async def create_config_version(
        request: Request,
        who: Writing,
        layer_id: IdInPath,
        document: Annotated[Document, Depends(whole_document)],
        *,
        reason: ReasonInQuery = "",
        dry_run: DryRun = False,
        parent: Annotated[
            str | None, Query(max_length=100, description="refuse unless this is the newest version: 409")
        ] = None,
    ) -> VersionOutcome:
        draft = await configs.add_version(
            who.tenant,
            LayerId(layer_id),
            document,
            caller=caller_of(request, who, word(reason)),
            parent=None if parent is None else VersionId(parent),
            dry_run=dry_run,
        )
        return _outcome(draft, dry_run=dry_run)

    return router


def version_routes(configs: ConfigService, outlook: ConfigOutlook) -> APIRouter:
    """Return the routes of versions by their id."""
    router = APIRouter(prefix="/config-versions", tags=["fleet configuration"], route_class=ActRoute)

    @router.get("", summary="Versions of all layers or of one, newest first")
    async def list_config_versions(
        who: Asking,
        *,
        layer: IdInQuery = None,
        text: VersionText = "",
        cursor: CursorInQuery = None,
        limit: LimitInQuery = 50,
    ) -> VersionItemPage:
        wanted = VersionFilter(layer=None if layer is None else LayerId(layer), text=text)
        return await _versions(outlook, who.tenant, wanted, part=(cursor, limit))

    @router.get("/{version_id}", summary="A version with its document, secrets masked, and its difference")
    async def get_config_version(who: Asking, version_id: IdInPath) -> VersionView:
        version = await configs.version(who.tenant, VersionId(version_id))
        return _whole(version, await configs.compare(who.tenant, version.parent, version.id))

    @router.get("/{version_id}/diff", summary="How a version differs from another one, by default its parent")
    async def diff_config_versions(who: Asking, version_id: IdInPath, *, against: IdInQuery = None) -> VersionDiff:
        version = await configs.version(who.tenant, VersionId(version_id))
        old = version.parent if against is None else VersionId(against)
        changes = await configs.compare(who.tenant, old, version.id)
        return VersionDiff(old_id=old, new_id=version.id, changes=change_views(changes))

    @router.post("/{version_id}:rollback", status_code=201, summary="Write the content of an old version as a new one")
    async def rollback_config_version(
        request: Request,
        who: Writing,
        version_id: IdInPath,
        wish: Annotated[RollbackWish, Body()],
        *,
        dry_run: DryRun = False,
    ) -> VersionOutcome:
        caller = caller_of(request, who, word(wish.reason))
        draft = await configs.go_back(who.tenant, VersionId(version_id), caller=caller, dry_run=dry_run)
        return _outcome(draft, dry_run=dry_run)

    return router


def _whole(version: ConfigVersion, changes: Sequence[Change]) -> VersionView:
    document = shown(version.document)
    return VersionView.model_validate(
        {
            **version_values(version),
            "document": document,
            "text": plain_yaml(document),
            "changes": change_views(changes),
        }
    )


def layer_view(facts: LayerFacts, name: str) -> LayerView:
    """Return a layer as it is sent."""
    current = None if facts.current is None else version_summary(facts.current)
    return LayerView.model_validate(
        {**layer_values(facts.layer, name), "current": current, "rollout_id": facts.rollout}
    )


async def _versions(
    outlook: ConfigOutlook, tenant: str, wanted: VersionFilter, *, part: tuple[str | None, int]
) -> VersionItemPage:
    page = page_of(*part)
    stories = await outlook.stories(tenant, wanted, page)
    return VersionItemPage(
        items=[version_item(story) for story in stories],
        next_cursor=next_cursor([(story.version.created_at_ms, story.version.id) for story in stories], page),
        total=await outlook.count_versions(tenant, wanted) if page.after is None else None,
    )


def _outcome(draft: Draft, *, dry_run: bool) -> VersionOutcome:
    return VersionOutcome(version=version_summary(draft.version), dry_run=dry_run, changes=change_views(draft.changes))
