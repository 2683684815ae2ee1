"""Has steps of flows done again: their run goes on, and with it the very task that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gwf.app.hands.tasks import TaskHands
from gwf.core.errors import GwfError
from gwf.flows.runs import RunService
from gwf.letters.model import Carried, Letter, LetterState, Run
from gwf.letters.ports import Content
from gwf.tasks.keeping import By


class StepHands:
    """See gwf.letters.ports.Hands."""

    def __init__(self, tasks: TaskHands, runs: RunService) -> None:
        """Let runs go on by `runs`."""
        self._tasks = tasks
        self._runs = runs

    async def content(self, letter: Letter) -> Content:
        """Return what the task would do; what a step is told is changed in its flow."""
        return Content(editable=None, description=(await self._tasks.content(letter)).description)

    def standing(self, agent_id: str) -> str:
        """Return what stands in the way of tasks."""
        return self._tasks.standing(agent_id)

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:
        """Return what stands in the way of the task."""
        return await self._tasks.check(letter, edit)

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Let each run go on once: all its steps that failed are done again."""
        by = By(tenant=run.tenant, actor=run.actor, reason=run.reason, request_id=run.request_id, name=run.by)
        notes = {name: await self._gone_on(name, by) for name in sorted({_run_of(letter) for letter in letters})}
        return [
            Carried(
                letter=letter,
                state=LetterState.OPEN if notes[_run_of(letter)] else LetterState.REPLAYING,
                note=notes[_run_of(letter)],
            )
            for letter in letters
        ]

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Give letters up; the run of the flow stays as it is."""
        return await self._tasks.drop(letters, run)

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Look as for other tasks."""
        return await self._tasks.probe(letters)

    async def _gone_on(self, name: str, by: By) -> str:
        try:
            await self._runs.resume(name, by)
        except GwfError as exc:
            if exc.retryable:
                raise
            return exc.code
        return ""


def _run_of(letter: Letter) -> str:
    return str(letter.source.get("flow_run_id") or "")
