"""The use cases of runs: begun, paused, resumed, cancelled, undone, replayed, approved; each is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import ErrorClass, NotFoundError
from gwf.core.faults import kill_point
from gwf.flows.follow import Follower
from gwf.flows.model import FlowVersion, Plan
from gwf.flows.ports import FlowChange, FlowReads, FlowStore, RunFilter, RunPage
from gwf.flows.run import ACTIVE, ApprovalError, Line, Run, RunId, RunState, StepState
from gwf.flows.signals import Begin, Cancel, Pause, Resume, Signal, Undo
from gwf.flows.times import MAX_RUNS, StepStat, stats_of
from gwf.flows.turn import RunTurn, ended_signal
from gwf.flows.wishes import FlowNotPublishedError, ReplayWish, RunWish, keyed_run_id, new_run, replayed
from gwf.tasks.keeping import By, Ledger
from gwf.tasks.model import Executor, Task, TaskId, TaskState
from gwf.tasks.ports import TaskChange, TaskStore
from gwf.tasks.signals import Begin as BeginTask
from gwf.tasks.signals import Lease, Outcome, Report
from gwf.tasks.step import Step

MAX_LINES = 1_000  #: of a story that is shown
ASKING = frozenset({RunState.RUNNING, RunState.PAUSED})  #: states in which a step may wait for somebody's approval
DECIDING_S = 60.0  #: lease of a person, which ends in the same transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run, and whether this call began it."""

    run: Run
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A part of a list with its counts."""

    items: Sequence[Run]
    #: by flow and state; None = not counted: only with the first part
    counts: Mapping[str, Mapping[RunState, int]] | None
    #: steps of these runs that wait for somebody's approval
    approvals: Mapping[RunId, Sequence[str]]
    #: how many of those that fit wait for one; None = not counted
    waiting: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A run with the version that it goes by, and the tasks of its steps."""

    run: Run
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody says to a step that asks for approval."""

    step: str
    is_given: bool


class RunService:
    """Runs of all tenants. Used in one event loop."""

    def __init__(
        self,
        tasks: TaskStore,
        store: FlowStore,
        follower: Follower,
        *,
        told: Callable[[Step], None],
        new_id: Callable[[], str],
    ) -> None:
        """Keep the parts; `told` hears of each step of a task that became durable."""
        self._tasks = tasks
        self._store = store
        self._follower = follower
        self._clock: Clock = follower.tools.clock
        self._told = told
        self._new_id = new_id

    # -- looking -----------------------------------------------------------------------------------------

    async def look(self, tenant: str, wanted: RunFilter, page: RunPage) -> Look:
        """Return a part of the runs that fit, newest first; the first part with how many there are."""
        async with self._store.view() as reads:
            items = await reads.runs(tenant, wanted, page)
            asked = await reads.approvals([run.run_id for run in items if run.state in ASKING])
            counts = await reads.count_runs(tenant, wanted) if page.after is None else None
            waits = None if counts is None else await reads.count_runs(tenant, replace(wanted, waits=True))
        waiting = None if waits is None else sum(sum(some.values()) for some in waits.values())
        return Look(items=items, counts=counts, approvals=asked, waiting=waiting)

    async def step_stats(self, tenant: str, flow_id: str) -> Sequence[StepStat]:
        """Return what each step of the published version takes, over the newest runs of the flow.

        Raises:
            NotFoundError: There is no such flow.
        """
        async with self._store.view() as reads:
            head = await reads.head(tenant, flow_id)
            times = await reads.step_times(tenant, head.flow_id, runs=MAX_RUNS)
            if head.published is None:  # what is no longer, or not yet, in force has the steps that were run
                return stats_of(times, list(dict.fromkeys(one.step for one in times)))
            plan = await self._follower.tools.plans.of(reads, tenant, FlowVersion(head.flow_id, head.published))
        return stats_of(times, [step.id for step in plan.steps])

    async def counts(self, tenant: str, wanted: RunFilter) -> Mapping[str, Mapping[RunState, int]]:
        """Return how many runs fit, by flow and state."""
        async with self._store.view() as reads:
            return await reads.count_runs(tenant, wanted)

    async def get(self, tenant: str, run_id: str) -> Shown:
        """Return a run with the version that it goes by.

        Raises:
            RunNotFoundError: There is none with this id.
        """
        async with self._store.view() as reads:
            run = await reads.run(tenant, run_id)
            return Shown(run=run, plan=await self._follower.tools.plans.of(reads, tenant, run.flow))

    async def story(self, tenant: str, run_id: str) -> tuple[Run, Sequence[Line]]:
        """Return a run and the newest lines of its story, oldest first.

        Raises:
            RunNotFoundError: There is none with this id.
        """
        async with self._store.view() as reads:
            run = await reads.run(tenant, run_id)
            return run, await reads.lines(run.run_id, limit=MAX_LINES)

    def now_ms(self) -> int:
        """Return the wall time."""
        return self._clock.now_ms()

    # -- beginning ---------------------------------------------------------------------------------------

    async def start(self, wish: RunWish, by: By) -> Started:
        """Begin a run of the published version of a flow; the one that is there when its key was used before.

        Raises:
            NotFoundError: There is no such flow.
            FlowNotPublishedError: No version of it is published.
            InputError: Its input does not fit.
        """
        async with self._tasks.change(by.tenant) as change:
            flows = self._store.within(change)
            plan = await self._published(flows, by.tenant, wish.flow)
            name = keyed_run_id(by.tenant, plan.ref.flow_id, wish.key)
            run_id = name if wish.key else RunId(f"run-{self._new_id()}")
            run = new_run(plan, wish, run_id=run_id, tenant=by.tenant, now_ms=self._clock.now_ms())
            started, ledger = await self._begun(change, flows, run, by=by)
            kill_point("before_run_commit")
        kill_point("after_run_commit")
        self._tell(ledger)
        return started

    async def replay(self, run_id: str, by: By, wish: ReplayWish) -> Run:
        """Begin a run that does another one again.

        Raises:
            RunNotFoundError: There is none with this id.
            FlowNotPublishedError: No version of the flow is published.
            InputError: There is no such step, or the input does not fit.
        """
        async with self._tasks.change(by.tenant) as change:
            flows = self._store.within(change)
            old = await flows.run(by.tenant, run_id)
            if wish.newest:
                plan = await self._published(flows, by.tenant, old.flow.flow_id)
            else:
                plan = await self._follower.tools.plans.of(flows, by.tenant, old.flow)
            made_id = RunId(f"run-{self._new_id()}")
            run = replayed(plan, old, wish, run_id=made_id, now_ms=self._clock.now_ms())
            started, ledger = await self._begun(change, flows, run, by=by, again=old)
        self._tell(ledger)
        return started.run

    async def _published(self, flows: FlowReads, tenant: str, name: str) -> Plan:
        head = await flows.find_head(tenant, name)
        if head is None:
            raise NotFoundError("no such flow", field="flow", flow=name)
        if head.published is None:
            raise FlowNotPublishedError("no version of this flow is published: publish one first", flow=head.name)
        return await self._follower.tools.plans.of(flows, tenant, FlowVersion(head.flow_id, head.published))

    async def _begun(
        self, change: TaskChange, flows: FlowChange, run: Run, *, by: By, again: Run | None = None
    ) -> tuple[Started, Ledger]:
        run = replace(run, number=await flows.number())
        if not await flows.add_run(run):
            known = (await flows.locked([run.run_id]))[run.run_id]
            return Started(run=known, is_new=False), Ledger()
        turn = RunTurn(self._follower.tools, change, flows)
        begun = await turn.move(run, [Begin()], strict=True)
        await turn.write()
        detail: dict[str, object] = {"flow": run.name, "version": run.flow.version, "target": run.target}
        entry = self._entry("flow_run.start", None, begun, by=by, detail=detail)
        if again is not None:
            entry = replace(
                entry,
                detail={**detail, "replay_of": again.run_id, "from_step": run.origin.replay_from},
                changes=(*entry.changes, *field_changes({"input": again.input}, {"input": run.input})),
            )
        flows.record(entry)
        return Started(run=begun, is_new=True), turn.ledger

    # -- orders ------------------------------------------------------------------------------------------

    async def pause(self, run_id: str, by: By) -> Run:
        """Let nothing further begin; what runs comes to its end.

        Raises:
            RunNotFoundError, RunStateError: As the state machine says.
        """
        return await self._ordered(run_id, by, action="flow_run.pause", order=Pause(who=by.name, why=by.reason))

    async def resume(self, run_id: str, by: By) -> Run:
        """Let a run go on: from a pause, from the steps that failed, from what could not be undone.

        Raises:
            RunNotFoundError, RunStateError: As the state machine says.
        """
        return await self._ordered(run_id, by, action="flow_run.resume", order=Resume(who=by.name, why=by.reason))

    async def cancel(self, run_id: str, by: By, *, undo: bool) -> Run:
        """End a run: what runs is stopped, and with `undo` what was done is undone, the last first.

        Raises:
            RunNotFoundError, RunStateError: As the state machine says.
        """
        return await self._ordered(
            run_id, by, action="flow_run.cancel", order=Cancel(who=by.name, why=by.reason, undo=undo)
        )

    async def compensate(self, run_id: str, by: By) -> Run:
        """Have undone what a run did that has ended.

        Raises:
            RunNotFoundError, RunStateError: As the state machine says.
        """
        return await self._ordered(run_id, by, action="flow_run.compensate", order=Undo(who=by.name, why=by.reason))

    async def decide(self, run_id: str, verdict: Verdict, by: By) -> Run:
        """Give or refuse the approval that a step of a run asks for.

        Raises:
            RunNotFoundError: There is none with this id.
            ApprovalError: The step asks for none now, or somebody else has to give it.
        """
        async with self._tasks.change(by.tenant) as change:
            flows = self._store.within(change)
            before = await flows.run(by.tenant, run_id)
            task = await self._asked(change, before, verdict, by=by)
            ledger = Ledger(follows=self._follower)
            owner, now_ms = f"person:{by.name or by.actor.id}"[:200], self._clock.now_ms()
            task = ledger.take(task, Lease(owner=owner, lease_s=DECIDING_S), now_ms=now_ms)
            task = ledger.take(task, BeginTask(owner=owner, token=task.fence), now_ms=now_ms)
            ledger.take(task, _word(task, verdict, by), now_ms=now_ms)
            await ledger.write(change, by)
            run = await flows.run(by.tenant, run_id)
            action = "flow_run.approve" if verdict.is_given else "flow_run.refuse"
            flows.record(self._entry(action, before, run, by=by, detail={"step": verdict.step}))
            kill_point("before_run_commit")
        kill_point("after_run_commit")
        self._tell(ledger)
        return run

    async def _asked(self, change: TaskChange, run: Run, verdict: Verdict, *, by: By) -> Task:
        """Return the task of a step that waits for somebody's word, locked."""
        step = run.steps.get(verdict.step)
        if step is None:
            raise NotFoundError("the run has no such step", step=verdict.step)
        found: Sequence[Task] = [] if step.task_id is None else await change.many([step.task_id])
        is_open = bool(found) and found[0].executor is Executor.PERSON and found[0].state is TaskState.PENDING
        if step.state is not StepState.RUNNING or not is_open:
            raise ApprovalError("this step asks for no approval now", step=verdict.step, state=step.state.value)
        plan = await self._follower.tools.plans.of(self._store.within(change), run.tenant, run.flow)
        if plan.step(step.id).four_eyes and run.origin.actor_id == by.actor.id:
            raise ApprovalError("whoever began this run may not decide about it: ask somebody else", step=step.id)
        return found[0]

    async def _ordered(self, run_id: str, by: By, *, action: str, order: Signal) -> Run:
        async with self._tasks.change(by.tenant) as change:
            flows = self._store.within(change)
            seen = await flows.run(by.tenant, run_id)
            ended = [task for task in await change.many(_open_tasks(seen)) if task.is_finished]
            before = (await flows.locked([seen.run_id]))[seen.run_id]
            check_revision(Resource(kind="flow_run", id=before.run_id), before.revision)
            turn = RunTurn(self._follower.tools, change, flows)
            words: list[Signal] = [ended_signal(task) for task in ended]  # of tasks that it should have heard of
            run = await turn.move(before, [*words, order], strict=True)
            await turn.write()
            flows.record(self._entry(action, before, run, by=by))
            kill_point("before_run_commit")
        kill_point("after_run_commit")
        self._tell(turn.ledger)
        return run

    def _tell(self, ledger: Ledger) -> None:
        for step in ledger.steps:
            self._told(step)

    def _entry(
        self, action: str, before: Run | None, run: Run, *, by: By, detail: Mapping[str, object] | None = None
    ) -> AuditEntry:
        return AuditEntry(
            tenant=run.tenant,
            actor=by.actor,
            action=action,
            resource=Resource(kind="flow_run", id=run.run_id),
            at_ms=self._clock.now_ms(),
            reason=by.reason,
            request_id=by.request_id,
            changes=field_changes(None if before is None else _facts(before), _facts(run)),
            detail=detail or {},
        )


def _facts(run: Run) -> dict[str, object]:
    return {"state": run.state.value, "reason": run.reason}


def _open_tasks(run: Run) -> list[TaskId]:
    """Return the tasks of a run that are under way, as it knows them."""
    active = [step for step in run.steps.values() if step.state in ACTIVE]
    return sorted({one for step in active for one in (step.task_id, step.undo_task_id) if one is not None})


def _word(task: Task, verdict: Verdict, by: By) -> Report:
    who = by.name or by.actor.id
    given = "approved" if verdict.is_given else "refused"
    said = f"{given} by {who}{f': {by.reason}' if by.reason else ''}"
    return Report(
        owner=task.agent_id or "",
        token=task.fence,
        outcome=Outcome.SUCCEEDED if verdict.is_given else Outcome.FAILED,
        message=said,
        error="" if verdict.is_given else said,
        error_class=None if verdict.is_given else ErrorClass.CONFLICT,
        retryable=False,
        result={"summary": said, "approved": verdict.is_given, "by": who, "reason": by.reason},
    )
