"""What an agent and the centre tell each other about the agent's tasks: one exchange says and hears everything."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from gwf.wire.agents import Answered, Message, Sent

TASKS_BELL = "tasks"  #: what the agent's stream says when there is something about its tasks
MAX_TASKS_AT_ONCE = 16
MAX_EXCHANGE_BYTES = 4 * 1024 * 1024

TaskName = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[int, Meta(ge=0, le=2**62)]
OutcomeWord = Literal["succeeded", "failed", "cancelled", "returned"]
ClassWord = Literal[
    "network", "timeout", "throttled", "server", "auth", "not_found", "conflict", "checksum", "too_large", "local_io",
    "config",
]  # fmt: skip


class HeldTask(Sent, kw_only=True):
    """A task that the agent has on its disk and is at work on."""

    id: TaskName
    #: of the lease under which it was given
    token: Token


class TaskReport(Sent, kw_only=True):
    """How an attempt ended; said again until the centre has heard it."""

    id: TaskName
    token: Token
    outcome: OutcomeWord
    #: one line for people
    summary: Message
    error_class: ClassWord | None = None
    #: another attempt may help
    retryable: bool = True
    #: what the action says of what it did: output, key of the object …
    detail: dict[str, Any] = field(default_factory=dict)
    #: what undoing needs; None = it cannot be undone
    undo: dict[str, Any] | None = None


class TaskExchange(Sent, kw_only=True):
    """Body of POST /api/v1/agents/self/tasks."""

    #: further tasks that the agent can take now
    room: Annotated[int, Meta(ge=0, le=MAX_TASKS_AT_ONCE)]
    held: Annotated[list[HeldTask], Meta(max_length=256)] = field(default_factory=list)
    reports: Annotated[list[TaskReport], Meta(max_length=64)] = field(default_factory=list)


class GivenTask(Answered, kw_only=True):
    """A task for the agent."""

    id: str
    token: int
    #: UPLOAD, ARCHIVE, SCRIPT; an agent that does not know it says so
    type: str
    config: dict[str, Any]
    attempt: int
    timeout_s: float
    #: what is to be undone; None = it is to be done
    undo: dict[str, Any] | None = None


class TaskExchanged(Answered, kw_only=True):
    """Answer of an exchange."""

    tasks: list[GivenTask]
    #: of those held: somebody cancelled them
    stop: list[str]
    #: of those held: they are somebody else's by now; their end is nobody's business
    lost: list[str]
    #: ids of the reports that were heard, also those that came too late
    heard: list[str]
    #: without an exchange for so long, what is held goes to others
    lease_s: float
