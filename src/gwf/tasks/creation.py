"""Makes tasks of drafts: what may be one, and what it is called. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from gwf.audit.changes import storable
from gwf.core.errors import ErrorClass, InputError, TooLargeError
from gwf.tasks.model import (
    MAX_ID_CHARS,
    MAX_PAYLOAD_BYTES,
    MAX_TEXT_CHARS,
    Executor,
    Task,
    TaskDraft,
    TaskEventType,
    TaskId,
    TaskState,
)
from gwf.tasks.policy import LONGEST_S, MAX_ATTEMPTS, Policy
from gwf.tasks.shapes import given_up
from gwf.tasks.step import Command, Step, TaskAction, event_of


def id_of_key(tenant: str, key: str) -> TaskId:
    """Return the id of the one task that a cause has: the same for the same key, in each tenant its own."""
    digest = hashlib.blake2b(f"{tenant}\0{key}".encode("utf-8", "backslashreplace"), digest_size=12)
    return TaskId(f"tsk-{digest.hexdigest()}")


def check(draft: TaskDraft) -> None:
    """Refuse what cannot be a task.

    Raises:
        InputError: Something is missing, too long or out of range.
        TooLargeError: The payload is too large.
    """
    if not draft.type or not draft.target:
        raise InputError("type and target are required")
    for name, text, most in (
        ("type", draft.type, MAX_ID_CHARS),
        ("target", draft.target, MAX_TEXT_CHARS),
        ("created_by", draft.created_by, MAX_ID_CHARS),
        ("agent_id", draft.for_agent or "", MAX_ID_CHARS),
        ("key", draft.key, MAX_TEXT_CHARS),
    ):
        if len(text) > most:
            raise InputError("the text is too long", field=name, chars=len(text), max_chars=most)
    if (draft.executor is Executor.AGENT) != bool(draft.for_agent):
        raise InputError("a task for an agent names it, and no other does", field="agent_id")
    if draft.payload is not None and len(json.dumps(draft.payload)) > MAX_PAYLOAD_BYTES:
        raise TooLargeError("the payload is too large", max_bytes=MAX_PAYLOAD_BYTES)
    _check_policy(draft.policy)


def _check_policy(policy: Policy) -> None:
    for name, value, least, most in (
        ("max_attempts", policy.max_attempts, 1, MAX_ATTEMPTS),
        ("max_lost", policy.max_lost, 1, MAX_ATTEMPTS),
        ("timeout_s", policy.timeout_s, 0.1, LONGEST_S),
        ("first_wait_s", policy.first_wait_s, 0.0, LONGEST_S),
        ("longest_wait_s", policy.longest_wait_s, 0.0, LONGEST_S),
    ):
        if not least <= value <= most:
            raise InputError("the number is out of range", field=name, value=value, least=least, most=most)


def created(draft: TaskDraft, task_id: TaskId, *, tenant: str, now_ms: int) -> Step:
    """Return a new task."""
    waits = draft.not_before_ms is not None and draft.not_before_ms > now_ms
    task = Task(
        task_id=task_id,
        tenant=tenant,
        type=storable(draft.type),
        target=storable(draft.target),
        payload=draft.payload,
        priority=draft.priority,
        state=TaskState.WAITING if waits else TaskState.PENDING,
        created_by=storable(draft.created_by),
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        max_retries=draft.max_retries,
        executor=draft.executor,
        for_agent=None if draft.for_agent is None else storable(draft.for_agent),
        key=storable(draft.key),
        policy=draft.policy,
        next_run_at_ms=draft.not_before_ms if waits else None,
        deadline_at_ms=draft.deadline_ms,
        cause=draft.cause,
    )
    if draft.fault:
        dead = given_up(replace(task, error_class=ErrorClass.CONFIG), draft.fault, now_ms=now_ms)
        return replace(dead, action=TaskAction.CREATE)
    detail = {"type": task.type, "target": task.target, "priority": task.priority.word, "max_retries": task.max_retries}
    event = event_of(task, TaskEventType.CREATED, "任务已创建") if task.executor is Executor.ANY else None
    wakes = frozenset[Command]() if waits else frozenset({Command.WAKE})
    return Step(task=task, event=event, action=TaskAction.CREATE, detail=detail, commands=wakes)
