"""Moves runs on when their tasks end, in the transaction that stores the end: none waits for a tick, none is lost."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.core.clock import Clock
from gwf.flows.plans import Plans
from gwf.flows.ports import FlowStore
from gwf.flows.run import RunId
from gwf.flows.signals import Signal
from gwf.flows.turn import RunTurn, Tools, ended_signal
from gwf.tasks.model import Task
from gwf.tasks.ports import Done, TaskChange
from gwf.tasks.step import Command, Step
from gwf.tasks.worker.catalog import Catalog


class Follower:
    """Speaks the port `gwf.tasks.ports.Follows`. One event loop."""

    def __init__(self, store: FlowStore, catalog: Catalog, clock: Clock) -> None:
        """Make tasks of the kinds of `catalog`."""
        self._store = store
        self.tools = Tools(catalog=catalog, clock=clock, plans=Plans())

    def concerns(self, step: Step) -> bool:
        """Tell whether a step ends a task of a run."""
        return step.task.cause.flow_run_id is not None and Command.SETTLED in step.commands

    async def follow(self, change: TaskChange, steps: Sequence[Step]) -> Sequence[Done]:
        """Move the runs whose tasks ended with these steps; return the steps of tasks that came of it, as written.

        Raises:
            UnavailableError: The database did not answer; nothing of the transaction is kept.
        """
        by_run: dict[RunId, list[Task]] = {}
        for step in steps:
            if self.concerns(step):
                by_run.setdefault(_run_of(step.task), []).append(step.task)
        if not by_run:
            return ()
        flows = self._store.within(change)
        turn = RunTurn(self.tools, change, flows)
        for run_id, run in (await flows.locked(list(by_run))).items():
            signals: list[Signal] = [ended_signal(task) for task in by_run[run_id] if task.tenant == run.tenant]
            await turn.move(run, signals)
        await turn.write()
        return turn.ledger.done

    async def leave(self, change: TaskChange, task: Task, why: str) -> None:
        """Let the run of a task be failed for `why`; once a person has it go on, it hears of the task first."""
        flows = self._store.within(change)
        turn = RunTurn(self.tools, change, flows)
        for run in (await flows.locked([_run_of(task)])).values():
            if run.tenant == task.tenant and not run.is_resting:
                turn.leave(run, why)
        await turn.write()


def _run_of(task: Task) -> RunId:
    return RunId(task.cause.flow_run_id or "")
