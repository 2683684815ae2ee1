"""/api/v1/config: the configuration of this process, its versions, and changes of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from gwf.api.lanes import Kind, place
from gwf.api.ports import ConfigSource, Document
from gwf.api.principal import Permission, require
from gwf.api.v1.author import Author, word
from gwf.api.v1.document import whole_document
from gwf.wire.config import ConfigOutcome, ConfigVersion, ConfigView, RollbackRequest

MAX_NUMBER = 99_999_999

DryRun = Annotated[bool, Query(description="check and compare only; change nothing")]
Reason = Annotated[str, Query(max_length=500, description="why, for the record")]
Number = Annotated[int, Path(ge=1, le=MAX_NUMBER)]
BaseVersion = Annotated[
    int | None, Query(ge=0, description="refuse the change unless this version is in force: 409 instead of a lost edit")
]

_DOCUMENT = {
    "requestBody": {
        "required": True,
        "description": "a whole configuration as a file would hold it; ****** keeps a secret as it is",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}

_READ = require(Permission.EDGE_READ)
_CHANGE = require(Permission.EDGE_CONFIG)
_PLACE = place(Kind.CHANGE)


def config_routes(config: ConfigSource) -> APIRouter:
    """Return the routes that read and change `config`; its calls block, so they run in threads."""
    router = APIRouter(prefix="/config", tags=["config"])

    @router.get("", summary="The configuration in force, secrets masked", dependencies=[_READ])
    def config_now() -> ConfigView:
        return config.view()

    @router.get("/versions", summary="Versions that are kept, newest first", dependencies=[_READ])
    def config_versions() -> list[ConfigVersion]:
        return config.versions()

    @router.get("/versions/{number}", summary="The configuration of one version, secrets masked", dependencies=[_READ])
    def config_version(number: Number) -> ConfigView:
        return config.view(number)

    @router.post("", summary="Put a whole configuration into force", openapi_extra=_DOCUMENT, dependencies=[_CHANGE])
    def apply_config(
        document: Annotated[Document, Depends(whole_document)],
        *,
        _place: Annotated[None, _PLACE],
        author: Author = "api",
        reason: Reason = "",
        dry_run: DryRun = False,
        base_version: BaseVersion = None,
    ) -> ConfigOutcome:
        return config.apply(
            document,
            author=word(author),
            reason=word(reason),
            source="api",
            dry_run=dry_run,
            expected=base_version,
        )

    @router.post(
        "/rollback", summary="Put an older version into force again, as a new version", dependencies=[_CHANGE, _PLACE]
    )
    def rollback_config(
        wish: Annotated[RollbackRequest, Body()], *, author: Author = "api", dry_run: DryRun = False
    ) -> ConfigOutcome:
        return config.rollback(wish.number, author=word(author), reason=word(wish.reason), dry_run=dry_run)

    return router
