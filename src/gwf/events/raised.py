"""Makes the events that the centre itself tells, and a sink that keeps them in memory. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from gwf.events.model import CENTRE, RESERVED, Event, Severity


def centre_event(
    kind: str,
    *,
    at_ms: int,
    event_id: str | None = None,
    severity: Severity = Severity.INFO,
    subject: str | None = None,
    data: Mapping[str, object] | None = None,
) -> Event:
    """Return an event of the centre's own; `kind` is a type without the prefix, such as agent.offline.

    With an `event_id` made from what happened (agent and moment, for example) the event may be raised again without
    being doubled. Use `dataclasses.replace` to add tenant, agent and labels.
    """
    return Event(
        id=event_id or uuid.uuid4().hex,
        source=CENTRE,
        type=RESERVED + kind,
        at_ms=at_ms,
        subject=subject,
        severity=severity,
        data=dict(data or {}),
    )


class MemorySink:
    """Keeps raised events in memory; for tests and for a process without a store."""

    def __init__(self) -> None:
        """Begin empty."""
        self.events: list[Event] = []
        self._known: set[tuple[str, str, str]] = set()

    async def emit(self, events: Sequence[Event]) -> None:
        """Keep what is new."""
        for event in events:
            name = (event.tenant, event.source, event.id)
            if name not in self._known:
                self._known.add(name)
                self.events.append(event)
