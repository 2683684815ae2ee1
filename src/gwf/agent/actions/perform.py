"""Performs one run: calls the action, decides about another attempt, writes down how it ended."""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, replace

from gwf.agent.actions.book import ActionBook
from gwf.agent.actions.model import Run, RunState
from gwf.agent.actions.plan import ReadyStep, Steps
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, UnavailableError
from gwf.core.faults import kill_point
from gwf.core.text import one_line
from gwf.tasks.actions.model import ActionResult, Context, Ending, failed, refused
from gwf.tasks.actions.output import BoundedOutput
from gwf.tasks.actions.ports import Proof

FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0  #: waits between attempts, doubled, half of each at random
MAX_SUMMARY_CHARS = 500
_NOT_UNDONE = "; not undone: "  #: between the result of a run and that of undoing it
_OUTPUT_OF_UNDO = "\n--- output of undo ---\n"

_STATES = {
    Ending.DONE: RunState.DONE,
    Ending.REFUSED: RunState.REFUSED,
    Ending.FAILED: RunState.FAILED,
    Ending.CANCELLED: RunState.READY,
}

log = logging.getLogger("gwf.agent.actions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Performer:
    """All that a run needs besides itself."""

    book: ActionBook
    proof: Proof
    clock: Clock
    cancel: threading.Event
    max_attempts: int

    def execute(self, run: Run, steps: Steps) -> Run:
        """Perform a claimed run and return it as it ended, written down."""
        kill_point("action_begun")
        output = BoundedOutput(0)
        if not steps.is_configured(run.planned):
            result = refused("the step is not configured any more")
        else:
            try:
                step = steps.ready(run.planned.subject.root, run.planned.spec)
                output = BoundedOutput(step.max_output)
                result = step.execute(self._context(run, step, output))
            except ConfigError as exc:
                result = refused("; ".join(exc.problems) or exc.message)
            except UnavailableError as exc:
                result = failed(str(exc), run.undo, charged=False)
            except Exception as exc:  # the edge of a run: a bug must not end the others
                log.exception("action_crashed", extra={"run_id": run.id})
                result = failed(f"internal error: {exc!r}", run.undo)
        return self._write(run, result, output)

    def compensate(self, run: Run, steps: Steps) -> Run:
        """Undo a claimed run and return it as it ended, written down: undone, or done as before."""
        output = BoundedOutput(0)
        try:
            step = steps.ready(run.planned.subject.root, run.planned.spec)
            output = BoundedOutput(step.max_output)
            before = ActionResult(ending=Ending.DONE, summary=run.summary, undo=run.undo)
            result = step.compensate(self._context(run, step, output), before)
        except ConfigError as exc:
            result = refused("; ".join(exc.problems) or exc.message)
        is_undone = result.ending is Ending.DONE
        if is_undone:  # `undo` is used up: a new execution must not rely on what is gone
            summary = one_line(result.summary)[:MAX_SUMMARY_CHARS]
            ended = replace(run, state=RunState.UNDONE, summary=summary, output=output.text(), undo={})
        else:
            ended = _not_undone(run, result, output)
        self.book.end(ended)
        log.info("action_undone" if is_undone else "action_not_undone", extra=_fields(ended))
        return ended

    def _context(self, run: Run, step: ReadyStep, output: BoundedOutput) -> Context:
        return Context(
            subject=run.planned.subject,
            idempotency_key=run.planned.key,
            attempt=run.attempts,
            timeout_s=step.timeout_s,
            cancel=self.cancel,
            output=output,
            proof=self.proof,
            before=run.undo,
            remember=lambda undo: self.book.remember(run.id, undo),
        )

    def _write(self, run: Run, result: ActionResult, output: BoundedOutput) -> Run:
        state, attempts, next_at_ms = _STATES[result.ending], run.attempts, 0
        if result.ending is Ending.CANCELLED or (result.ending is Ending.FAILED and not result.charged):
            attempts -= 1
        if result.ending is Ending.FAILED and attempts < self.max_attempts:
            state, next_at_ms = RunState.READY, self.clock.now_ms() + round(wait_s(run.attempts) * 1000)
        ended = replace(
            run,
            state=state,
            attempts=attempts,
            next_at_ms=next_at_ms,
            summary=one_line(result.summary)[:MAX_SUMMARY_CHARS],
            output=output.text(),
            undo=result.undo,
        )
        self.book.end(ended)
        level = logging.ERROR if state is RunState.FAILED else logging.INFO
        log.log(level, "action_ended", extra={**_fields(ended), "ending": result.ending})
        return ended


def wait_s(attempts: int) -> float:
    """Return the wait after the nth attempt."""
    ceiling_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20))
    return ceiling_s * random.uniform(0.5, 1.0)  # noqa: S311 — jitter, no secret


def _not_undone(run: Run, result: ActionResult, output: BoundedOutput) -> Run:
    """Return a run that stays done: with its own result, and after it that of the last try to undo it."""
    own = run.summary.partition(_NOT_UNDONE)[0][: MAX_SUMMARY_CHARS // 2]
    said = run.output.partition(_OUTPUT_OF_UNDO)[0]
    return replace(
        run,
        state=RunState.DONE,
        summary=f"{own}{_NOT_UNDONE}{one_line(result.summary)}"[:MAX_SUMMARY_CHARS],
        output=f"{said}{_OUTPUT_OF_UNDO}{text}" if (text := output.text()) else said,
    )


def _fields(run: Run) -> dict[str, object]:
    return {
        "run_id": run.id, "file_id": run.planned.subject.file_id, "kind": run.planned.kind, "state": run.state,
        "attempt": run.attempts, "summary": run.summary,
    }  # fmt: skip
