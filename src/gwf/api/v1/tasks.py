"""/api/v1/tasks: the work of the centre, looked at, wanted and steered."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import actor_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.author import word
from gwf.api.v1.taskviews import attempt_view, facets_view, kind_views, task_summary, task_view, timeline
from gwf.core.clock import utc_text
from gwf.core.errors import ErrorClass
from gwf.tasks.desk import TaskDesk, Wish
from gwf.tasks.keeping import By
from gwf.tasks.model import Executor, Priority, Task, TaskFilter, TaskState
from gwf.tasks.model import TaskPage as Place
from gwf.tasks.policy import Policy
from gwf.wire.edge import ErrorClassName
from gwf.wire.tasks import (
    ExecutorName,
    PriorityName,
    RetryPolicy,
    TaskAttemptPage,
    TaskKinds,
    TaskOrder,
    TaskOutcome,
    TaskPage,
    TaskStateName,
    TaskTimeline,
    TaskView,
    TaskWish,
)

TaskIdInPath = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")]
Asking = Annotated[Principal, require(Permission.TASKS_READ)]
Running = Annotated[Principal, require(Permission.TASKS_RUN)]
Order = Annotated[TaskOrder, Body()]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=200)]], Query(max_length=50)]


def _narrowed(
    *,
    state: Annotated[list[TaskStateName], Query(max_length=12, description="may be repeated, as every filter")] = [],  # noqa: B006
    type: Words = [],  # noqa: A002, B006  # the API's word; FastAPI copies defaults
    executor: Annotated[list[ExecutorName], Query(max_length=3)] = [],  # noqa: B006
    priority: Annotated[list[PriorityName], Query(max_length=3)] = [],  # noqa: B006
    error_class: Annotated[list[ErrorClassName], Query(max_length=20, description="of the last failure")] = [],  # noqa: B006
    agent: Annotated[str, Query(max_length=200, description="agent or worker that has it, had it or is to do it")] = "",
    rule: Annotated[str, Query(max_length=200, description="id of the rule that made it")] = "",
    run: Annotated[str, Query(max_length=200, description="id of the run of a flow that it is a step of")] = "",
    since: Instant = None,
    until: Instant = None,
    text: Annotated[str, Query(max_length=200, description="in id, type, target or reason of the failure")] = "",
) -> TaskFilter:
    return TaskFilter(
        states=frozenset(map(TaskState, state)) or None, types=frozenset(type),
        executors=frozenset(map(Executor, executor)), priorities=frozenset(Priority[one.upper()] for one in priority),
        error_classes=frozenset(map(ErrorClass, error_class)), agent_id=agent, rule_id=rule,
        flow_run_id=run, since_ms=milliseconds(since), until_ms=milliseconds(until), text=text,
    )  # fmt: skip


Narrowed = Annotated[TaskFilter, Depends(_narrowed)]


def task_routes(desk: TaskDesk) -> APIRouter:
    """Return the routes that show tasks and take new ones."""
    router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=ActRoute)

    @router.get("", summary="Tasks, newest first")
    async def list_tasks(
        who: Asking,
        wanted: Narrowed,
        *,
        facets: Annotated[bool, Query(description="count by state, type, executor and class of error too")] = False,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> TaskPage:
        place = Place(limit=limit, after=read_cursor(cursor))
        found = await desk.tasks.look(who.tenant, wanted, place, facets=facets)
        last = found.items[-1] if len(found.items) == limit else None
        return TaskPage(
            items=[task_summary(task) for task in found.items],
            next_cursor=None if last is None else write_cursor(last.created_at_ms, last.task_id),
            total=found.total,
            facets=None if found.facets is None else facets_view(found.facets),
            as_of=utc_text(desk.now_ms()),
        )

    @router.post("", status_code=201, summary="Make a task, or with dry_run say what it would be")
    async def create_task(
        request: Request,
        who: Running,
        wish: Annotated[TaskWish, Body()],
        *,
        dry_run: Annotated[bool, Query(description="check only; make nothing")] = False,
    ) -> TaskOutcome:
        by = by_of(request, who, wish.reason)
        made = await desk.create(_wish(wish), by, dry_run=dry_run)
        return TaskOutcome(task=task_view(made.task, desk.catalog), created=made.is_new, dry_run=dry_run)

    @router.get("/kinds", summary="The kinds of tasks that this centre knows")
    async def list_task_kinds(who: Asking) -> TaskKinds:  # noqa: ARG001  # the permission is asked for
        return TaskKinds(items=kind_views(desk.catalog))

    return router


def task_stories(desk: TaskDesk) -> APIRouter:
    """Return the routes that show one task."""
    router = APIRouter(prefix="/tasks", tags=["tasks"])

    @router.get("/{task_id}", summary="A task with all that is known of it")
    async def get_task(who: Asking, task_id: TaskIdInPath) -> TaskView:
        return task_view(await desk.tasks.get(who.tenant, task_id), desk.catalog)

    @router.get("/{task_id}/attempts", summary="The newest attempts at a task, newest first")
    async def list_task_attempts(
        who: Asking, task_id: TaskIdInPath, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> TaskAttemptPage:
        found = await desk.tasks.attempts(who.tenant, task_id, limit=limit)
        return TaskAttemptPage(items=[attempt_view(attempt) for attempt in found])

    @router.get("/{task_id}/timeline", summary="The life of a task, oldest first")
    async def show_task_timeline(who: Asking, task_id: TaskIdInPath) -> TaskTimeline:
        return TaskTimeline(items=timeline(*await desk.tasks.story(who.tenant, task_id)))

    return router


def task_orders(desk: TaskDesk) -> APIRouter:
    """Return the routes that steer tasks."""
    router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=ActRoute)

    def shown(task: Task) -> TaskView:
        return task_view(task, desk.catalog)

    @router.post("/{task_id}:retry", summary="Have a task done again that ended badly, or its next attempt now")
    async def retry_task(request: Request, who: Running, task_id: TaskIdInPath, order: Order) -> TaskView:
        return shown(await desk.tasks.retry(task_id, by_of(request, who, order.reason)))

    @router.post("/{task_id}:cancel", summary="Let a task not be done; whoever has it is told to stop")
    async def cancel_task(request: Request, who: Running, task_id: TaskIdInPath, order: Order) -> TaskView:
        return shown(await desk.tasks.cancel(task_id, by_of(request, who, order.reason)))

    @router.post("/{task_id}:compensate", summary="Have undone what a task did")
    async def compensate_task(request: Request, who: Running, task_id: TaskIdInPath, order: Order) -> TaskView:
        return shown(await desk.tasks.compensate(task_id, by_of(request, who, order.reason)))

    return router


def policy_of(retry: RetryPolicy) -> Policy:
    """Return how often a task is tried, as it was wished."""
    usual = Policy(**retry.model_dump(exclude={"never_after"}))
    return replace(usual, never_after=tuple(map(ErrorClass, retry.never_after)))


def by_of(request: Request, who: Principal, reason: str) -> By:
    """Return on whose behalf a request steers tasks."""
    actor, request_id = actor_of(request, who), request_id_of(request.scope)
    return By(tenant=who.tenant, actor=actor, reason=word(reason), request_id=request_id, name=who.name)


def _wish(wish: TaskWish) -> Wish:
    return Wish(
        type=wish.type,
        target=wish.target,
        config=wish.config,
        agent_id=wish.agent_id or None,
        priority=Priority[wish.priority.upper()],
        key=wish.key,
        policy=policy_of(wish.retry),
        delay_s=wish.delay_s,
        deadline_s=wish.deadline_s,
    )
