"""What the stream of the console says: never data, only what to ask for again."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import Wire

#: health: state and numbers of this process and its centre · files: the files of this edge, file events ·
#: agents: agents and groups · rollouts: layers, versions, rollouts · tasks: tasks and their attempts ·
#: flows: flows and their runs · alerts: alerts, notices, what people decided about telling ·
#: dlq: dead letters, runs over them, looks at causes · audit: the record of changes
Topic = Literal["health", "files", "agents", "rollouts", "tasks", "flows", "alerts", "dlq", "audit"]
TOPICS: tuple[Topic, ...] = (
    "health", "files", "agents", "rollouts", "tasks", "flows", "alerts", "dlq", "audit",
)  # fmt: skip


class StreamHint(Wire):
    """Body of the event `hint`: something of `topic` is newer than what you have."""

    topic: Topic
    #: of the one thing that changed, for example an agent; "" = any number of them
    id: str = ""
    #: grows within a topic
    version: int


class StreamReady(Wire):
    """Body of the event `ready`, the first of every stream: what will be told."""

    #: those that were asked for and may be seen
    topics: list[Topic]


class StreamResync(Wire):
    """Body of the event `resync`: hints were missed, so ask for everything again."""

    reason: Literal["unknown_id", "too_far_behind"]
