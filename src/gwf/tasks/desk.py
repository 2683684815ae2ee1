"""Where people and rules have tasks made: wishes are checked against the kinds that there are, lists are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from gwf.core.clock import Clock
from gwf.core.errors import InputError, TooLargeError
from gwf.tasks.creation import check, created
from gwf.tasks.keeping import By
from gwf.tasks.model import MAX_ID_CHARS, Cause, Executor, Priority, TaskDraft, TaskId
from gwf.tasks.policy import Policy
from gwf.tasks.service import MOST_CREATED, Created, TaskService
from gwf.tasks.worker.catalog import Catalog

MAX_TARGET_CHARS = 500  #: of a name that is made here


class Agents(Protocol):
    """Knows the agents of the centre."""

    def is_agent(self, tenant: str, agent_id: str) -> bool:
        """Tell whether a tenant has such an agent, and it was not revoked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A task as somebody wants it."""

    type: str
    #: "" = as its configuration says
    target: str = ""
    #: what led to it, which names it where its configuration does not say so: a path, a subject; "" = nothing did
    about: str = ""
    config: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    agent_id: str | None = None
    priority: Priority = Priority.NORMAL
    #: the same cause makes the same task; "" = each wish makes one
    key: str = ""
    policy: Policy = field(default_factory=Policy)
    delay_s: float = 0.0
    #: None = it may begin at any time
    deadline_s: float | None = None
    cause: Cause = field(default_factory=Cause)


class TaskDesk:
    """Makes tasks of wishes."""

    def __init__(self, tasks: TaskService, catalog: Catalog, agents: Agents, *, clock: Clock) -> None:
        """Know the kinds of `catalog`."""
        self.tasks = tasks
        self.catalog = catalog
        self._agents = agents
        self._clock = clock

    def now_ms(self) -> int:
        """Return the wall time."""
        return self._clock.now_ms()

    async def create(self, wish: Wish, by: By, *, dry_run: bool = False) -> Created:
        """Make a task of a wish, or with `dry_run` say what it would be.

        Raises:
            FaultyTaskError: There is no such kind, or its configuration cannot work.
            InputError: Its agent is missing or not known, or something is out of range.
            TooLargeError: The configuration is too large.
        """
        draft = self.draft(wish, by)
        if dry_run:
            step = created(draft, TaskId("tsk-new"), tenant=by.tenant, now_ms=self._clock.now_ms())
            return Created(task=step.task, is_new=True)
        (made,) = await self.tasks.create_many([draft], by)
        return made

    async def take(self, wishes: Sequence[Wish], by: By) -> None:
        """Make tasks of what rules want; what cannot be done becomes a dead task that says why.

        Raises:
            UnavailableError: The database did not answer; nothing was made.
        """
        drafts = [self._taken(wish, by) for wish in wishes]
        for at in range(0, len(drafts), MOST_CREATED):
            await self.tasks.create_many(drafts[at : at + MOST_CREATED], by)

    async def refuse(self, wish: Wish, error: InputError, by: By) -> None:
        """Make a dead task of a wish that somebody else cannot fulfil, so that people see why.

        Raises:
            UnavailableError: The database did not answer; nothing was made.
        """
        await self.tasks.create_many([_refused(wish, error, by)], by)

    def _taken(self, wish: Wish, by: By) -> TaskDraft:
        try:
            return self.draft(wish, by)
        except InputError as exc:
            return _refused(wish, exc, by)

    def draft(self, wish: Wish, by: By) -> TaskDraft:
        """Return a checked draft of a wish. Raises as `create`."""
        executor = self.catalog.check(wish.type, wish.config)
        if executor is Executor.AGENT and not (wish.agent_id and self._agents.is_agent(by.tenant, wish.agent_id)):
            raise InputError("this needs an agent that there is", field="agent_id", agent_id=wish.agent_id or "")
        if executor is Executor.PERSON:
            raise InputError("an approval is a step of a flow: write a flow that asks for it", field="type")
        if executor is Executor.WORKER and wish.agent_id:
            raise InputError("workers do this, no agent does: leave agent_id out", field="agent_id")
        now_ms = self._clock.now_ms()
        draft = TaskDraft(
            type=wish.type,
            target=wish.target or self._named(wish),
            payload=wish.config,
            priority=wish.priority,
            created_by=by.name or by.actor.id,
            executor=executor,
            for_agent=wish.agent_id if executor is Executor.AGENT else None,
            key=wish.key,
            policy=wish.policy,
            not_before_ms=now_ms + round(wish.delay_s * 1000) if wish.delay_s else None,
            deadline_ms=None if wish.deadline_s is None else now_ms + round(wish.deadline_s * 1000),
            cause=wish.cause,
        )
        check(draft)
        return draft

    def _named(self, wish: Wish) -> str:
        """Tell tasks of one rule apart: two that call the same address are about different files."""
        described = self.catalog.describe(wish.type, wish.config)
        return (described if wish.about in described else wish.about)[:MAX_TARGET_CHARS]


def _refused(wish: Wish, error: InputError, by: By) -> TaskDraft:
    faults = getattr(error, "faults", ())
    why = "; ".join(f"{fault.pointer}: {fault.message}" for fault in faults) or str(error)
    return TaskDraft(
        type=wish.type[:MAX_ID_CHARS] or "?",
        target=(wish.target or wish.about or wish.type)[:MAX_TARGET_CHARS] or "?",
        payload=None if isinstance(error, TooLargeError) else wish.config,
        priority=wish.priority,
        created_by=by.name or by.actor.id,
        executor=Executor.WORKER,
        key=wish.key,
        cause=wish.cause,
        fault=why,
    )
