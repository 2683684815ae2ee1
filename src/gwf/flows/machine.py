"""The one state machine of runs: what each signal makes of a run, and what it asks of tasks. Pure.

A step that has ended well is never begun again, and a task is asked for under an id that its run and step give it: what
comes twice, late or out of order makes no second effect.
"""

from __future__ import annotations

from dataclasses import replace

from gwf.flows.model import APPROVAL, Plan
from gwf.flows.progress import Move, Turn, begin_what_may, drop_what_waits, stop_what_runs, undo_next
from gwf.flows.run import ACTIVE, OVER, Run, RunState, RunStateError, RunStep, StepState, What
from gwf.flows.signals import Begin, Cancel, Ended, Order, Pause, Resume, Signal, Undo, Unmade
from gwf.tasks.model import TaskState

_GOING = frozenset({RunState.RUNNING, RunState.PAUSED})
_RESUMED = {
    RunState.PAUSED: RunState.RUNNING,
    RunState.FAILED: RunState.RUNNING,
    RunState.STUCK: RunState.COMPENSATING,
}


def advance(plan: Plan, run: Run, signal: Signal, *, now_ms: int) -> Move:
    """Return what a signal makes of a run; words of tasks that the run does not wait for change nothing.

    Raises:
        RunStateError: The state forbids an order.
    """
    turn = Turn(plan, run, now_ms)
    match signal:
        case Begin():
            turn.line(What.BEGUN, who=run.origin.by)
        case Ended():
            _ended(turn, signal)
        case Unmade():
            _unmade(turn, signal)
        case Pause():
            _paused(turn, signal)
        case Resume():
            _resumed(turn, signal)
        case Cancel():
            _cancelled(turn, signal)
        case Undo():
            _undone(turn, signal)
    _go_on(turn)
    return turn.move()


# -- words of tasks ------------------------------------------------------------------------------------------


def _ended(turn: Turn, said: Ended) -> None:
    step = turn.steps.get(said.step)
    if step is None or said.task_id not in {step.task_id, step.undo_task_id} or step.reused or _is_old(step, said):
        return
    if said.task_id == step.undo_task_id:
        _undoing_ended(turn, step, said, is_undone=said.state is TaskState.SUCCEEDED)
    elif step.state is StepState.COMPENSATING:
        _undoing_ended(turn, step, said, is_undone=said.state is TaskState.COMPENSATED)
    elif said.state is TaskState.COMPENSATED:  # somebody had the task itself undone
        _by_hand(turn, step)
    elif step.state is StepState.RUNNING:
        _doing_ended(turn, step, said)
    elif step.state in {StepState.FAILED, StepState.CANCELLED} and said.state is TaskState.SUCCEEDED:
        _doing_ended(turn, step, said)  # somebody had the task itself done again
        if turn.state is RunState.FAILED:
            turn.become(RunState.RUNNING, What.RESUMED)


def _is_old(step: RunStep, said: Ended) -> bool:
    """Tell whether a task says how it ended whose step another task undoes by now."""
    is_undone = step.state is StepState.COMPENSATING and step.undo_task_id not in {None, said.task_id}
    return is_undone and said.state is not TaskState.COMPENSATED


def _doing_ended(turn: Turn, step: RunStep, said: Ended) -> None:
    done = replace(step, result=said.result, reversible=said.reversible, error_class=said.error_class)
    if turn.plan.step(step.id).deed.kind == APPROVAL and said.result is not None:
        is_given = said.state is TaskState.SUCCEEDED
        turn.line(What.APPROVED if is_given else What.REFUSED, step=step.id, who=str(said.result.get("by", "")))
    if said.state is TaskState.SUCCEEDED:
        turn.end(done, StepState.SUCCEEDED, What.STEP_SUCCEEDED)
    elif said.state is TaskState.CANCELLED:
        turn.end(done, StepState.CANCELLED, What.STEP_CANCELLED, why=said.reason)
    else:
        turn.end(done, StepState.FAILED, What.STEP_FAILED, why=said.reason)


def _undoing_ended(turn: Turn, step: RunStep, said: Ended, *, is_undone: bool) -> None:
    if is_undone and step.state in {StepState.COMPENSATING, StepState.UNDO_FAILED}:
        turn.put(replace(step, state=StepState.COMPENSATED, reversible=False, error="", error_class=None))
        turn.line(What.UNDONE, step=step.id)
        if turn.state is RunState.STUCK:  # somebody had the undoing itself done again
            turn.become(RunState.COMPENSATING, What.RESUMED)
    elif step.state is StepState.COMPENSATING:
        failed = replace(step, state=StepState.UNDO_FAILED, error=said.reason, error_class=said.error_class)
        turn.put(failed)
        turn.line(What.UNDO_FAILED, step=step.id, message=said.reason)


def _by_hand(turn: Turn, step: RunStep) -> None:
    if step.state in {StepState.SUCCEEDED, StepState.FAILED, StepState.UNDO_FAILED}:
        turn.put(replace(step, state=StepState.COMPENSATED, reversible=False, error="", error_class=None))
        turn.line(What.UNDONE, step=step.id)
        if turn.state is RunState.STUCK:
            turn.become(RunState.COMPENSATING, What.RESUMED)


def _unmade(turn: Turn, said: Unmade) -> None:
    step = turn.steps[said.step]
    if step.state is StepState.RUNNING and step.task_id == said.task_id:
        turn.end(replace(step, task_id=None), StepState.FAILED, What.STEP_FAILED, why=said.why)
    elif step.state is StepState.COMPENSATING and step.undo_task_id == said.task_id:
        turn.put(replace(step, state=StepState.UNDO_FAILED, undo_task_id=None, error=said.why))
        turn.line(What.UNDO_FAILED, step=step.id, message=said.why)


# -- orders of people ----------------------------------------------------------------------------------------


def _paused(turn: Turn, order: Pause) -> None:
    if turn.state is not RunState.RUNNING:
        raise _refused(turn, "only what is running is paused")
    turn.become(RunState.PAUSED, What.PAUSED, who=order.who, why=order.why)


def _resumed(turn: Turn, order: Resume) -> None:
    was = turn.state
    if was not in _RESUMED:
        raise _refused(turn, "only what is paused, failed or stuck goes on")
    turn.become(_RESUMED[was], What.RESUMED, who=order.who, why=order.why)
    for step in [*turn.steps.values()]:
        if was is RunState.FAILED and turn.has_failed(step):
            _again(turn, step)
        elif was is RunState.STUCK and step.state is StepState.UNDO_FAILED:
            _undo_again(turn, step)


def _again(turn: Turn, step: RunStep) -> None:
    """Have a step done again: its task, so that the other side can tell that it is the same; or a first one."""
    if step.task_id is None or step.state is StepState.COMPENSATED:  # what was undone is done under another key
        turn.put(RunStep(id=step.id, tries=step.tries))
        return
    turn.put(replace(step, state=StepState.RUNNING, error="", error_class=None, ended_no=0, ended_at_ms=None))
    turn.line(What.STEP_AGAIN, step=step.id)
    turn.tell(step.id, step.task_id, Order.RETRY)


def _undo_again(turn: Turn, step: RunStep) -> None:
    deed = turn.plan.step(step.id).compensation
    task_id = step.task_id if deed is None else step.undo_task_id
    state = StepState.SUCCEEDED if task_id is None else StepState.COMPENSATING
    turn.put(replace(step, state=state, error="", error_class=None))
    if task_id is not None:
        turn.line(What.UNDO_BEGUN, step=step.id)
        turn.tell(step.id, task_id, Order.RETRY)


def _cancelled(turn: Turn, order: Cancel) -> None:
    if turn.state in OVER | {RunState.CANCELLING} or (turn.state is RunState.COMPENSATING and order.undo):
        raise _refused(turn, "this cannot be cancelled any more")
    if turn.state is RunState.STUCK and order.undo:
        raise _refused(turn, "what it did cannot be undone: resume it, or cancel it with undo: false")
    turn.line(What.CANCEL_ASKED, who=order.who, message=order.why)
    turn.goal = RunState.CANCELLED
    turn.keeps_effects = not order.undo
    turn.state, turn.reason, turn.finished_at_ms = RunState.CANCELLING, order.why, None
    drop_what_waits(turn)
    stop_what_runs(turn)


def _undone(turn: Turn, order: Undo) -> None:
    if turn.state not in {RunState.SUCCEEDED, RunState.FAILED}:
        raise _refused(turn, "only what has succeeded or failed is undone; cancel what is under way")
    turn.line(What.COMPENSATE_ASKED, who=order.who, message=order.why)
    turn.goal, turn.keeps_effects = RunState.COMPENSATED, False
    drop_what_waits(turn)
    turn.become(RunState.COMPENSATING, What.COMPENSATING, why=order.why)


def _refused(turn: Turn, message: str) -> RunStateError:
    return RunStateError(message, run_id=turn.run.run_id, state=turn.state.value)


# -- what follows by itself ----------------------------------------------------------------------------------


def _go_on(turn: Turn) -> None:
    """Begin what may begin, and let the run come to its end where nothing is left to do."""
    if turn.state in _GOING:
        if turn.state is RunState.RUNNING:
            begin_what_may(turn)
        _judge(turn)
    if turn.state is RunState.CANCELLING and not _has(turn, *ACTIVE):
        if turn.keeps_effects:
            turn.become(RunState.CANCELLED, What.CANCELLED, why=turn.reason)
        else:
            turn.become(RunState.COMPENSATING, What.COMPENSATING, why=turn.reason)
    if turn.state is RunState.COMPENSATING and not _has(turn, *ACTIVE):
        _go_on_undoing(turn)


def _judge(turn: Turn) -> None:
    """Tell whether a run has come to its end."""
    failed = [step for step in turn.steps.values() if turn.has_failed(step)]
    if failed:
        stop_what_runs(turn, only_approvals=True)
    if _has(turn, *ACTIVE):
        return
    if failed:
        first = min(failed, key=lambda step: step.ended_no)
        why = f"{first.id}: {first.error}" if first.error else first.id
        if turn.is_undone_on_failure:
            turn.goal = RunState.COMPENSATED
            drop_what_waits(turn)
            turn.become(RunState.COMPENSATING, What.COMPENSATING, why=why)
        else:
            turn.become(RunState.FAILED, What.FAILED, why=why)
    elif not _has(turn, StepState.PENDING):
        turn.become(RunState.SUCCEEDED, What.SUCCEEDED)


def _go_on_undoing(turn: Turn) -> None:
    stuck = next((step for step in turn.steps.values() if step.state is StepState.UNDO_FAILED), None)
    if stuck is None and undo_next(turn):
        return
    stuck = next((step for step in turn.steps.values() if step.state is StepState.UNDO_FAILED), None)
    if stuck is not None:
        turn.become(RunState.STUCK, What.STUCK, why=f"{stuck.id}: {stuck.error}")
        return
    goal = turn.goal or RunState.COMPENSATED
    turn.become(goal, What(goal.value), why=turn.reason)


def _has(turn: Turn, *states: StepState) -> bool:
    return any(step.state in states for step in turn.steps.values())
