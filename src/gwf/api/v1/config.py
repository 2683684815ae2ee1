"""/api/v1/config: the configuration of this process, its versions, and changes of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.lanes import Kind, place
from gwf.api.ports import ConfigSource, Document
from gwf.api.principal import Permission, Principal, principal_of, require
from gwf.api.v1.author import Author, word
from gwf.api.v1.document import whole_document
from gwf.core.errors import ConfigError
from gwf.core.settings.draft import dotted
from gwf.core.settings.placeholders import variables_in
from gwf.identity.principal import PrincipalKind
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
        request: Request,
        document: Annotated[Document, Depends(whole_document)],
        *,
        _place: Annotated[None, _PLACE],
        author: Author,
        reason: Reason = "",
        dry_run: DryRun = False,
        base_version: BaseVersion = None,
    ) -> ConfigOutcome:
        _refuse_variables(document, principal_of(request), config.settings().api.allow_env)
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
        wish: Annotated[RollbackRequest, Body()], *, author: Author, dry_run: DryRun = False
    ) -> ConfigOutcome:
        return config.rollback(wish.number, author=word(author), reason=word(wish.reason), dry_run=dry_run)

    return router


def _refuse_variables(document: Document, who: Principal | None, lent: Collection[str]) -> None:
    """Refuse `${NAME}` of who is not the process's own user: the answer would show what its environment holds."""
    if who is not None and who.kind is PrincipalKind.LOCAL:
        return
    what = "may not be used in a configuration that comes over HTTP: name it in api.allow_env, or write the value"
    problems = [f"{dotted(loc)}: ${{{name}}} {what}" for loc, name in variables_in(document) if name not in lent]
    if problems:
        raise ConfigError("configuration is not usable", problems=tuple(problems))
