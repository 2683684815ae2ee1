from __future__ import annotations

import asyncio

from gwf.events.model import CENTRE, Severity
from gwf.events.raised import MemorySink, centre_event


def test_an_event_raised_twice_under_one_id_is_kept_once() -> None:
    sink = MemorySink()
    event = centre_event("agent.offline", at_ms=5, event_id="ag1:5", severity=Severity.WARNING, subject="ag1")
    asyncio.run(sink.emit([event, event]))
    asyncio.run(sink.emit([event]))
    assert sink.events == [event]
    assert (event.source, event.type) == (CENTRE, "gwf.agent.offline")


def test_events_without_an_id_are_different_events() -> None:
    assert centre_event("rollout.halted", at_ms=5).id != centre_event("rollout.halted", at_ms=5).id
