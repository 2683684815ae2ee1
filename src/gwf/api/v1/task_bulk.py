"""/api/v1/tasks:retry and tasks:cancel: one order to many tasks, rehearsed if wanted, a part at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.cursor import MAX_CHARS, read_cursor
from gwf.api.v1.tasks import Narrowed, Running, by_of
from gwf.api.v1.taskviews import steered_view
from gwf.tasks.bulk import Bulk, Chosen, TaskBulk
from gwf.tasks.model import TaskFilter, TaskId
from gwf.wire.tasks import TaskBulkOrder, TaskBulkOutcome

Rehearsed = Annotated[bool, Query(description="say what it would do; change nothing")]
Place = Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the part before")]
Order = Annotated[TaskBulkOrder, Body()]


def task_bulk_routes(bulk: TaskBulk) -> APIRouter:
    """Return the routes that steer many tasks."""
    router = APIRouter(tags=["tasks"], route_class=ActRoute)

    @router.post("/tasks:retry", summary="Have tasks done again that ended badly: named ones, or those of a list")
    async def retry_tasks(
        request: Request, who: Running, wanted: Narrowed, order: Order, *, dry_run: Rehearsed = False,
        cursor: Place = None,
    ) -> TaskBulkOutcome:  # fmt: skip
        chosen, by = _chosen(order, wanted, cursor), by_of(request, who, order.reason)
        return steered_view(await bulk.steer(Bulk.RETRY, chosen, by, dry_run=dry_run), dry_run=dry_run)

    @router.post("/tasks:cancel", summary="Let tasks not be done: named ones, or those of a list")
    async def cancel_tasks(
        request: Request, who: Running, wanted: Narrowed, order: Order, *, dry_run: Rehearsed = False,
        cursor: Place = None,
    ) -> TaskBulkOutcome:  # fmt: skip
        chosen, by = _chosen(order, wanted, cursor), by_of(request, who, order.reason)
        return steered_view(await bulk.steer(Bulk.CANCEL, chosen, by, dry_run=dry_run), dry_run=dry_run)

    return router


def _chosen(order: TaskBulkOrder, wanted: TaskFilter, cursor: str | None) -> Chosen:
    return Chosen(task_ids=[TaskId(name) for name in order.task_ids], wanted=wanted, after=read_cursor(cursor))
