"""/api/v1/dead-letters: files that were given up, by cause; sent again or dropped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from gwf.api.lanes import Kind, place
from gwf.api.ports import DeadLetterSource
from gwf.api.principal import Permission, require
from gwf.api.v1.author import Author, word
from gwf.wire.deadletters import ChangedFiles, DeadFilter, DeadPage, DropOrder, HistoryEntry, ReplayOrder
from gwf.wire.edge import ErrorClassName

_READ = require(Permission.EDGE_READ)
_CHANGE = require(Permission.EDGE_OPERATE)
_PLACE = place(Kind.CHANGE)


def dead_letter_routes(letters: DeadLetterSource) -> APIRouter:
    """Return the routes that read and change `letters`; its calls block, so they run in threads."""
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    @router.get("", summary="Dead letters by cause, and one page of them, newest first", dependencies=[_READ])
    def dead_letters(
        *,
        error_class: ErrorClassName | None = None,
        cause: Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$", description="cause_id of a group")] = None,
        store: Annotated[str | None, Query(max_length=200)] = None,
        q: Annotated[str, Query(max_length=500, description="part of the path")] = "",
        older_than_s: Annotated[float | None, Query(ge=0, le=1e9)] = None,
        newer_than_s: Annotated[float | None, Query(ge=0, le=1e9)] = None,
        cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DeadPage:
        wanted = DeadFilter(
            error_class=error_class, cause_id=cause, store=store, path=q, older_than_s=older_than_s,
            newer_than_s=newer_than_s,
        )  # fmt: skip
        return letters.page(wanted, cursor=cursor, limit=limit)

    @router.get("/{file_id}/history", summary="What happened to one file, oldest first", dependencies=[_READ])
    def dead_letter_history(file_id: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> list[HistoryEntry]:
        return [*letters.history(file_id)]

    return router


def dead_letter_orders(letters: DeadLetterSource) -> APIRouter:
    """Return the routes `dead-letters:replay` and `dead-letters:drop`."""
    router = APIRouter(tags=["dead letters"])

    @router.post(
        "/dead-letters:replay", summary="Send dead letters again, elsewhere if wanted", dependencies=[_CHANGE, _PLACE]
    )
    def replay_dead_letters(order: Annotated[ReplayOrder, Body()], *, author: Author) -> ChangedFiles:
        return letters.replay(order.model_copy(update={"reason": word(order.reason)}), author=word(author))

    @router.post("/dead-letters:drop", summary="Give dead letters up for good", dependencies=[_CHANGE, _PLACE])
    def drop_dead_letters(order: Annotated[DropOrder, Body()], *, author: Author) -> ChangedFiles:
        return letters.drop(order.model_copy(update={"reason": word(order.reason)}), author=word(author))

    return router
