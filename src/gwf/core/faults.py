"""Kill points: places where a drill makes the process die by SIGKILL, to prove that recovery works."""

from __future__ import annotations

import os
import re
import signal

from gwf.core.errors import ConfigError

CARRY_POINTS = (
    "before_enqueue_commit",
    "after_enqueue_commit",
    "after_claim_commit",
    "before_send",
    "multipart_created",
    "multipart_saved",
    "part_sent",
    "before_complete",
    "after_store_confirmed",
    "before_ack_commit",
    "after_ack_commit",
)  #: every point of the journal protocol at which a crash leaves a different state behind
ACTION_POINTS = ("action_begun", "archive_kept", "archive_hidden", "archive_removed")  #: the same of actions
CENTRE_POINTS = ("trial_noted", "trial_in_force", "trial_proved", "batch_taken")  #: the same of the link to a centre
INGEST_POINTS = ("before_ingest_commit", "after_ingest_commit")  #: the same of the centre when it takes events
RULE_POINTS = ("before_decision_commit", "after_decision_commit")  #: the same of the centre when rules decide
TASK_POINTS = ("task_begun", "task_done")  #: the same of a task of the centre on an agent's host
END_POINTS = ("before_end_commit", "after_end_commit")  #: the same of the centre when it stores how tasks ended
RUN_POINTS = ("before_run_commit", "after_run_commit")  #: the same when people or rules move the run of a flow
ALERT_POINTS = ("before_alert_commit", "after_alert_commit")  #: the same when alerts move on
KILL_POINTS = (
    *CARRY_POINTS, *ACTION_POINTS, *CENTRE_POINTS, *INGEST_POINTS, *RULE_POINTS, *TASK_POINTS, *END_POINTS, *RUN_POINTS,
    *ALERT_POINTS,
)  # fmt: skip

_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_armed: dict[str, int] = {}


def arm(spec: str) -> None:
    """Arm kill points from text such as `before_send:3,after_ack_commit`; the number is the nth pass.

    Raises:
        ConfigError: A name is unknown or a number is not positive.
    """
    _armed.clear()
    for item in filter(None, (part.strip() for part in spec.split(","))):
        name, _, nth = item.partition(":")
        if name not in KILL_POINTS or (nth and not _COUNT.fullmatch(nth)):
            raise ConfigError(
                "unknown kill point",
                problems=(f"faults.kill_at: {item!r} is not one of {', '.join(KILL_POINTS)}",),
            )
        _armed[name] = int(nth or 1)


def kill_point(name: str) -> None:
    """Die here by SIGKILL if a drill armed this point and its count has run down."""
    if not _armed:
        return
    left = _armed.get(name)
    if left is None:
        return
    _armed[name] = left - 1
    if left <= 1:
        os.kill(os.getpid(), signal.SIGKILL)
