"""Makes the task of a step: the same run, step and try make the same one. Pure."""

from __future__ import annotations

from dataclasses import replace

from gwf.core.errors import InputError
from gwf.flows.model import Plan
from gwf.flows.progress import task_key
from gwf.flows.run import Run
from gwf.flows.signals import Make
from gwf.tasks.creation import check
from gwf.tasks.model import Cause, Executor, TaskDraft
from gwf.tasks.worker.catalog import Catalog

MAX_TARGET_CHARS = 500


def draft_of(run: Run, plan: Plan, made: Make, *, catalog: Catalog, now_ms: int) -> TaskDraft:
    """Return the task that a run asks for.

    A kind that this process does not know may be a plug-in that workers have: they are asked.

    Raises:
        InputError: It cannot be a task: its configuration cannot work, or no agent is named.
    """
    planned = plan.step(made.step)
    is_known = made.kind in catalog.kinds
    executor = catalog.check(made.kind, made.config) if is_known else Executor.WORKER
    if executor is Executor.AGENT and not made.agent_id:
        raise InputError("this needs an agent: name it as agent, or begin the run by an event of one")
    deadline_s = None if made.undoes else planned.deadline_s
    described = catalog.describe(made.kind, made.config) if is_known and executor is not Executor.PERSON else ""
    draft = TaskDraft(
        type=made.kind,
        target=(f"{planned.title}: {described}" if described else planned.title)[:MAX_TARGET_CHARS],
        payload=made.config,
        priority=plan.priority,
        created_by=f"flow:{run.name}",
        executor=executor,
        for_agent=made.agent_id if executor is Executor.AGENT else None,
        key=task_key(run, made.step, run.steps[made.step].tries, *(["undo"] if made.undoes else [])),
        policy=replace(planned.policy, never_after=()) if made.undoes else planned.policy,
        deadline_ms=None if deadline_s is None else now_ms + round(deadline_s * 1000),
        cause=Cause(
            file_event_id=run.origin.event_row_id if run.origin.event_kind == "file" else None,
            rule_id=run.origin.rule_id,
            rule_version=run.origin.rule_version,
            flow_run_id=run.run_id,
            flow_step=made.step,
        ),
    )
    check(draft)
    return draft
