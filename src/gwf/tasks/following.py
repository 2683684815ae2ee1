"""Has done what goes on with the ends of tasks, so that a fault of ours in it undoes no end and holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gwf.core.errors import CorruptDataError, LocalIoError, UnavailableError
from gwf.tasks.ports import Done, Follows, TaskChange
from gwf.tasks.step import Step

#: it is not what was said that is at fault: the same may be said again
OUTAGES = (UnavailableError, LocalIoError, CorruptDataError)

log = logging.getLogger("gwf.tasks")


async def followed(follows: Follows, change: TaskChange, steps: Sequence[Step]) -> Sequence[Done]:
    """Return the steps of tasks that came of these, as they were written.

    What crashes is undone and tried for each step by itself; what crashes again is left to a person.

    Raises:
        UnavailableError: The database did not answer; nothing of the transaction is kept.
    """
    concerned = [step for step in steps if follows.concerns(step)]
    if not concerned:
        return ()
    try:
        async with change.sheltered():
            return await follows.follow(change, concerned)
    except OUTAGES:
        raise
    except Exception:  # the edge of what goes on: the ends themselves are as true as before
        log.exception("task_ends_not_followed", extra={"count": len(concerned)})
    done: list[Done] = []
    for step in concerned:
        done += await _alone(follows, change, step)
    return done


async def _alone(follows: Follows, change: TaskChange, step: Step) -> Sequence[Done]:
    try:
        async with change.sheltered():
            return await follows.follow(change, [step])
    except OUTAGES:
        raise
    except Exception as exc:
        log.exception("task_end_not_followed", extra={"task_id": step.task.task_id})
        why = f"internal error: {exc!r}"
    try:
        async with change.sheltered():
            await follows.leave(change, step.task, why)
    except OUTAGES:
        raise
    except Exception:  # an order of a person makes up for it: it hears of what has ended first
        log.exception("task_end_not_left", extra={"task_id": step.task.task_id})
    return ()
