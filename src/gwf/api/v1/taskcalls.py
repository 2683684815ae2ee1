"""What agents call about their tasks: one exchange brings words and takes work."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.bodies import decoded, read_body
from gwf.api.centre import HotRoute
from gwf.api.hotshapes import JSON, content, response, schemas
from gwf.api.v1.askcalls import Door
from gwf.core.errors import ErrorClass
from gwf.tasks.hands import Hands, Holder, Said
from gwf.tasks.model import Task, TaskId
from gwf.tasks.signals import Outcome, Report
from gwf.wire.agenttasks import MAX_EXCHANGE_BYTES, GivenTask, TaskExchange, TaskExchanged, TaskReport

LEASE_S = 60.0  #: of an agent; it says a word every quarter of it while it has tasks
_EXCHANGE = msgspec.json.Decoder(TaskExchange)
_encode = msgspec.json.Encoder().encode


class TaskCalls:
    """The endpoint."""

    def __init__(self, hands: Hands, door: Door) -> None:
        """Give and take by `hands`."""
        self._hands = hands
        self._door = door

    async def exchange_tasks(self, request: Request) -> Response:
        """Hear how tasks ended and which are under way; give further ones."""
        agent = (await self._door.live(request)).agent
        sent = decoded(_EXCHANGE, await read_body(request, max_bytes=MAX_EXCHANGE_BYTES))
        holder = Holder(name=agent.agent_id, lease_s=LEASE_S, is_agent=True)
        said: list[Said] = [(TaskId(one.id), _report(one, agent.agent_id)) for one in sent.reports]
        held = {TaskId(one.id): one.token for one in sent.held}
        found = await self._hands.exchange(holder, held, said, room=0 if agent.drain else sent.room)
        answer = TaskExchanged(
            tasks=[_given(task) for task in found.given],
            stop=list(found.stop),
            lost=list(found.lost),
            heard=[one.id for one in sent.reports],
            lease_s=LEASE_S,
        )
        return Response(_encode(answer), media_type=JSON)

    def routes(self) -> Sequence[HotRoute]:
        """Return the endpoint as the port takes it."""
        return (
            HotRoute(
                path="/api/v1/agents/self/tasks",
                method="POST",
                endpoint=self.exchange_tasks,
                permission=None,
                operation={
                    "summary": "How an agent's tasks stand, and what else there is for it to do",
                    "tags": ["agents"],
                    "requestBody": {"required": True, "content": content(TaskExchange)},
                },
                responses={"200": response("Tasks, each until it is held or ended", TaskExchanged)},
                schemas=schemas(TaskExchange, TaskExchanged),
                max_body_bytes=MAX_EXCHANGE_BYTES,
            ),
        )


def _report(one: TaskReport, owner: str) -> Report:
    is_bad = one.outcome == "failed"
    return Report(
        owner=owner,
        token=one.token,
        outcome=Outcome(one.outcome),
        message=one.summary,
        error=one.summary if is_bad else "",
        error_class=None if one.error_class is None else ErrorClass(one.error_class),
        retryable=one.retryable,
        result={"summary": one.summary, **one.detail},
        undo=one.undo,
        chance=random.random(),  # noqa: S311 — spreads repeats, no secret
    )


def _given(task: Task) -> GivenTask:
    return GivenTask(
        id=task.task_id,
        token=task.fence,
        type=task.type,
        config=dict(task.payload or {}),
        attempt=task.attempts,
        timeout_s=task.policy.timeout_s,
        undo=dict(task.undo or {}) if task.undoing else None,
    )
