"""One turn of a run while it is worked out: steps that begin, end and are undone, and what is told of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import storable
from gwf.flows.facts import run_facts
from gwf.flows.model import APPROVAL, Deed, OnFailure, Plan, PlannedStep
from gwf.flows.run import MAX_WHY_CHARS, RESTING, Line, Run, RunState, RunStep, StepState, What
from gwf.flows.signals import Command, Make, Order, Tell
from gwf.rules.template import Unfilled, filled_object
from gwf.tasks.creation import id_of_key
from gwf.tasks.model import TaskId

#: those after it may begin
_WELL = frozenset({StepState.SUCCEEDED, StepState.SKIPPED})
_BADLY = frozenset({StepState.FAILED, StepState.CANCELLED, StepState.COMPENSATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a signal makes of a run."""

    run: Run
    commands: Sequence[Command]
    lines: Sequence[Line]


class Turn:
    """A run that is being moved. Used once."""

    def __init__(self, plan: Plan, run: Run, now_ms: int) -> None:
        """Begin with the run as it is."""
        self.plan = plan
        self.run = run
        self.now_ms = now_ms
        self.state = run.state
        self.steps = dict(run.steps)
        self.goal = run.goal
        self.reason = run.reason
        self.keeps_effects = run.keeps_effects
        self.finished_at_ms = run.finished_at_ms
        self._ended = run.ended
        self._commands: list[Command] = []
        self._lines: list[Line] = []

    def move(self) -> Move:
        """Return what became of it."""
        after = self.now()
        if after != self.run or self._lines:
            after = replace(
                after, updated_at_ms=self.now_ms, revision=self.run.revision + 1,
                lines=self.run.lines + len(self._lines),
            )  # fmt: skip
        return Move(run=after, commands=self._commands, lines=self._lines)

    def now(self) -> Run:
        """Return the run as it is at this moment of the turn."""
        return replace(
            self.run, state=self.state, steps=self.steps, goal=self.goal, reason=self.reason,
            keeps_effects=self.keeps_effects, ended=self._ended, finished_at_ms=self.finished_at_ms,
        )  # fmt: skip

    @property
    def is_undone_on_failure(self) -> bool:
        """Tell whether the flow says that a failure undoes what was done."""
        return self.plan.on_failure is OnFailure.COMPENSATE

    def is_tolerated(self, step: RunStep) -> bool:
        """Tell whether the run goes on though the step failed."""
        return step.state is StepState.FAILED and self.plan.step(step.id).allow_failure

    def has_failed(self, step: RunStep) -> bool:
        """Tell whether the run cannot go on because of a step."""
        return step.state in _BADLY and not self.is_tolerated(step)

    def put(self, step: RunStep) -> None:
        """Keep what became of a step."""
        self.steps[step.id] = step

    def end(self, step: RunStep, state: StepState, what: What, *, why: str = "") -> None:
        """Let a step come to its end."""
        self._ended += 1
        error = storable(why)[:MAX_WHY_CHARS]
        self.put(replace(step, state=state, error=error, ended_no=self._ended, ended_at_ms=self.now_ms))
        self.line(what, step=step.id, message=error)

    def become(self, state: RunState, what: What, *, who: str = "", why: str = "") -> None:
        """Let the run be in a state."""
        self.state = state
        self.reason = storable(why)[:MAX_WHY_CHARS]
        self.finished_at_ms = self.now_ms if state in RESTING else None
        self.line(what, who=who, message=self.reason)

    def line(self, what: What, *, step: str = "", who: str = "", message: str = "") -> None:
        """Tell something."""
        number = self.run.lines + len(self._lines) + 1
        text = storable(message)[:MAX_WHY_CHARS]
        self._lines.append(Line(number=number, at_ms=self.now_ms, what=what, step=step, who=who, message=text))

    def tell(self, step: str, task_id: TaskId, order: Order) -> None:
        """Give a task of a step an order."""
        self._commands.append(Tell(step=step, task_id=task_id, order=order))

    def make(self, step: str, deed: Deed, task_id: TaskId, *, undoes: bool = False) -> None:
        """Ask for a task.

        Raises:
            Unfilled: The run has no value for a place of its configuration.
        """
        facts = run_facts(self.now())
        config = filled_object(deed.config, facts)
        agent = None if deed.agent is None else deed.agent.text(facts)
        self._commands.append(
            Make(step=step, task_id=task_id, kind=deed.kind, config=config, agent_id=agent, undoes=undoes)
        )

    def task_id(self, *parts: object) -> TaskId:
        """Return the id of a task of this run; the same parts have the same."""
        return id_of_key(self.run.tenant, task_key(self.run, *parts))


def task_key(run: Run, *parts: object) -> str:
    """Return the cause of a task of a run, by which it is the same however often it is made."""
    return ":".join(("flow", run.run_id, *map(str, parts)))


def begin_what_may(turn: Turn) -> None:
    """Begin every step whose needs have ended; what is skipped may let others begin."""
    if any(turn.has_failed(step) for step in turn.steps.values()):
        return
    waiting = [step for step in turn.plan.steps if turn.steps[step.id].state is StepState.PENDING]
    is_moved = True
    while is_moved:
        is_moved = False
        for planned in waiting:
            if turn.steps[planned.id].state is StepState.PENDING and _may_begin(turn, planned):
                _begin(turn, planned)
                is_moved = True


def _may_begin(turn: Turn, planned: PlannedStep) -> bool:
    needs = [turn.steps[need] for need in planned.needs]
    return all(need.state in _WELL or turn.is_tolerated(need) for need in needs)


def _begin(turn: Turn, planned: PlannedStep) -> None:
    step = turn.steps[planned.id]
    needs = [turn.steps[need] for need in planned.needs]
    if needs and all(need.state is StepState.SKIPPED for need in needs):
        turn.end(step, StepState.SKIPPED, What.STEP_SKIPPED)
        return
    if planned.when is not None and not planned.when.test()(run_facts(turn.now())):
        turn.end(step, StepState.SKIPPED, What.STEP_SKIPPED, why="its condition does not hold")
        return
    tries = step.tries + 1
    task_id = turn.task_id(planned.id, tries)
    begun = replace(
        step, state=StepState.RUNNING, tries=tries, task_id=task_id, begun_at_ms=turn.now_ms, ended_at_ms=None
    )
    try:
        turn.make(planned.id, planned.deed, task_id)
    except Unfilled as exc:
        why = f"the run has no value for {exc.field} ({exc.at})"
        turn.end(replace(begun, task_id=None), StepState.FAILED, What.STEP_FAILED, why=why)
        return
    turn.put(begun)
    turn.line(What.STEP_WAITS if planned.deed.kind == APPROVAL else What.STEP_BEGUN, step=planned.id)


def stop_what_runs(turn: Turn, *, only_approvals: bool = False) -> None:
    """Have tasks stopped that are under way."""
    for step in turn.steps.values():
        is_approval = turn.plan.step(step.id).deed.kind == APPROVAL
        if step.state is StepState.RUNNING and step.task_id is not None and (is_approval or not only_approvals):
            turn.tell(step.id, step.task_id, Order.CANCEL)
        if step.state is StepState.COMPENSATING and step.undo_task_id is not None and not only_approvals:
            turn.tell(step.id, step.undo_task_id, Order.CANCEL)  # an action's own undoing is let come to its end


def drop_what_waits(turn: Turn) -> None:
    """Let steps that have not begun never begin."""
    for step in [*turn.steps.values()]:
        if step.state is StepState.PENDING:
            turn.end(step, StepState.CANCELLED, What.STEP_CANCELLED)


def undo_next(turn: Turn) -> bool:
    """Begin to undo the step that ended last among those that are still to be undone; False when none is."""
    while (planned := _last_done(turn)) is not None:
        step = turn.steps[planned.id]
        if planned.compensation is None:
            if step.task_id is None:
                raise AssertionError("what can be undone has a task")
            turn.put(replace(step, state=StepState.COMPENSATING))
            turn.tell(step.id, step.task_id, Order.COMPENSATE)
        else:
            task_id = turn.task_id(step.id, step.tries, "undo")
            turn.put(replace(step, state=StepState.COMPENSATING, undo_task_id=task_id))
            try:
                turn.make(step.id, planned.compensation, task_id, undoes=True)
            except Unfilled as exc:
                why = f"the run has no value for {exc.field} ({exc.at})"
                turn.put(replace(step, state=StepState.UNDO_FAILED, error=why))
                turn.line(What.UNDO_FAILED, step=step.id, message=why)
                return False
        turn.line(What.UNDO_BEGUN, step=step.id)
        return True
    return False


def _last_done(turn: Turn) -> PlannedStep | None:
    done = [step for step in turn.steps.values() if _is_to_be_undone(step, turn.plan.step(step.id))]
    return turn.plan.step(max(done, key=lambda step: step.ended_no).id) if done else None


def _is_to_be_undone(step: RunStep, planned: PlannedStep) -> bool:
    if step.reused or not planned.compensates:
        return False
    if planned.compensation is not None:
        return step.state is StepState.SUCCEEDED
    return step.reversible and step.state in {StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED}
