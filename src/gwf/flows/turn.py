"""Carries out what runs ask for in one transaction: tasks are made and told, runs and their stories are written."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gwf.audit.model import SYSTEM
from gwf.core.clock import Clock
from gwf.core.errors import GwfError, InputError, UnavailableError
from gwf.events.model import JsonValue
from gwf.flows.drafting import draft_of
from gwf.flows.machine import advance
from gwf.flows.model import Plan
from gwf.flows.plans import Plans
from gwf.flows.ports import FlowChange
from gwf.flows.run import MAX_WHY_CHARS, Line, Run, RunId, RunState, What
from gwf.flows.signals import Command, Ended, Make, Order, Signal, Tell, Unmade
from gwf.tasks.creation import created
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import BAD_STATES, Executor, Task, TaskId, TaskState
from gwf.tasks.ports import TaskChange
from gwf.tasks.signals import Cancel, Compensate, Retry
from gwf.tasks.worker.catalog import Catalog

MAX_RESULT_CHARS = 16_000  #: of each text of a result that later steps may name
GONE = "its task is not kept any more"
_BY = By(tenant="", actor=SYSTEM, name="flow")

log = logging.getLogger("gwf.flows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What runs are moved with."""

    catalog: Catalog
    clock: Clock
    plans: Plans


@dataclass(slots=True, kw_only=True)
class _Moved:
    before: Run
    after: Run
    lines: list[Line] = field(default_factory=list[Line])


class RunTurn:
    """One transaction's moves of runs. Used once; `write` comes last."""

    def __init__(self, tools: Tools, change: TaskChange, flows: FlowChange) -> None:
        """Move runs that are locked in `change`, of which `flows` is another view."""
        self._tools = tools
        self._change = change
        self._flows = flows
        #: steps of tasks that came of the moves
        self.ledger = Ledger()
        self._moved: dict[RunId, _Moved] = {}
        self._tasks: dict[TaskId, Task] = {}

    async def move(self, run: Run, signals: Sequence[Signal], *, strict: bool = False) -> Run:
        """Let signals happen to a run, and what they lead to; return it as it is then.

        With `strict` what is wrong is raised; else a run that cannot be moved is left for a person, so that it holds
        up no other.

        Raises:
            RunStateError: Its state forbids an order.
            UnavailableError: The database did not answer.
        """
        moved = self._moved.setdefault(run.run_id, _Moved(before=run, after=run))
        begun = _Moved(before=moved.after, after=moved.after, lines=[*moved.lines])
        done, tasks = len(self.ledger.done), dict(self._tasks)

        def give_up(why: str) -> None:
            del self.ledger.done[done:]  # what it had asked for so far is not done either
            self._tasks = tasks
            self._give_up(moved, begun, why)

        try:
            plan = await self._tools.plans.of(self._flows, run.tenant, run.flow)
            await self._move(moved, plan, signals)
        except UnavailableError:
            raise
        except GwfError as exc:
            if strict:
                raise
            give_up(str(exc))
        except Exception as exc:  # the edge of a run: a fault of ours must not hold up the tasks of others
            if strict:
                raise
            log.exception("flow_run_crashed", extra={"run_id": run.run_id})
            give_up(f"internal error: {exc!r}")
        return moved.after

    def leave(self, run: Run, why: str) -> None:
        """Leave a run for a person, as it is."""
        moved = self._moved.setdefault(run.run_id, _Moved(before=run, after=run))
        self._give_up(moved, _Moved(before=run, after=run), why)

    async def write(self) -> None:
        """Write everything."""
        await self._change.enter([step.task for before, step in self.ledger.done if before is None])
        await self.ledger.write(self._change, _BY)
        await self._flows.put_runs([(one.before, one.after, one.lines) for one in self._moved.values()])

    async def _move(self, moved: _Moved, plan: Plan, signals: Sequence[Signal]) -> None:
        waiting = deque(signals)
        while waiting:
            move = advance(plan, moved.after, waiting.popleft(), now_ms=self._tools.clock.now_ms())
            moved.after = move.run
            moved.lines += move.lines
            for command in move.commands:
                said = await self._obey(moved.after, plan, command)
                if said is not None:
                    waiting.append(said)

    def _give_up(self, moved: _Moved, begun: _Moved, why: str) -> None:
        """Leave a run for a person, as it was when the move began."""
        now_ms = self._tools.clock.now_ms()
        run = begun.after
        line = Line(number=run.lines + 1, at_ms=now_ms, what=What.FAILED, message=why[:MAX_WHY_CHARS])
        moved.lines = [*begun.lines, line]
        moved.after = replace(
            run, state=RunState.FAILED, reason=line.message, lines=run.lines + 1, revision=run.revision + 1,
            updated_at_ms=now_ms, finished_at_ms=now_ms,
        )  # fmt: skip

    async def _obey(self, run: Run, plan: Plan, command: Command) -> Signal | None:
        """Do what a run asks for; return what that leads to at once."""
        if isinstance(command, Make):
            return await self._made(run, plan, command)
        return await self._told(command)

    async def _made(self, run: Run, plan: Plan, made: Make) -> Signal | None:
        now_ms = self._tools.clock.now_ms()
        try:
            draft = draft_of(run, plan, made, catalog=self._tools.catalog, now_ms=now_ms)
            if draft.executor is Executor.AGENT:
                await self._check_agent(run.tenant, draft.for_agent or "")
        except InputError as exc:
            return Unmade(step=made.step, task_id=made.task_id, why=in_words(exc))
        step = created(draft, made.task_id, tenant=run.tenant, now_ms=now_ms)
        self.ledger.done.append((None, step))
        self._tasks[made.task_id] = step.task
        return None

    async def _check_agent(self, tenant: str, agent_id: str) -> None:
        if agent_id not in await self._flows.known_agents(tenant, [agent_id]):
            raise InputError("there is no such agent", agent_id=agent_id)

    async def _told(self, told: Tell) -> Signal | None:
        task = await self._task(told.task_id)
        if task is None:
            return Ended(step=told.step, task_id=told.task_id, state=TaskState.DEAD, reason=GONE)
        order = _order(task, told.order)
        if order is not None:
            task = self.ledger.take(task, order, now_ms=self._tools.clock.now_ms())
            self._tasks[task.task_id] = task
        return ended_signal(task, step=told.step) if task.is_finished else None

    async def _task(self, task_id: TaskId) -> Task | None:
        if task_id not in self._tasks:
            self._tasks |= {task.task_id: task for task in await self._change.many([task_id])}
        return self._tasks.get(task_id)


def _order(task: Task, order: Order) -> Cancel | Retry | Compensate | None:
    """Return the order that a task in its state can take; None when its end, or its coming end, says all."""
    match order:
        case Order.CANCEL:
            may = not task.is_finished and task.state not in {TaskState.CANCELLING, TaskState.COMPENSATING}
            return Cancel() if may else None
        case Order.RETRY:
            return Retry() if task.state in BAD_STATES else None
        case Order.COMPENSATE:
            may = task.undo is not None and task.state in BAD_STATES | {TaskState.SUCCEEDED}
            return Compensate() if may else None


def ended_signal(task: Task, *, step: str | None = None) -> Ended:
    """Return what the end of a task says to its run."""
    return Ended(
        step=task.cause.flow_step or "" if step is None else step,
        task_id=task.task_id,
        state=task.state,
        result=_result(task),
        reversible=task.undo is not None,
        reason=task.failure_reason,
        error_class=task.error_class,
    )


def _result(task: Task) -> dict[str, JsonValue] | None:
    """Return what later steps may name of what an action said; long texts are cut."""
    if task.result is None:
        return None
    return {
        name: value[:MAX_RESULT_CHARS] if isinstance(value, str) else value  # type: ignore[misc]  # it was stored as JSON
        for name, value in task.result.items()
    }  # pyright: ignore[reportReturnType]


def in_words(exc: InputError) -> str:
    """Return everything that is wrong in one line."""
    faults = getattr(exc, "faults", ())
    return "; ".join(f"{fault.pointer}: {fault.message}" for fault in faults) or str(exc)
