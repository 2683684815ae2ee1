"""Tells of alerts as events, so that rules can act on them: opened, acknowledged, resolved."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import replace

from gwf.alerts.life.model import Alert, AlertStatus
from gwf.alerts.run.model import AlertRow, Turn
from gwf.core.errors import GwfError
from gwf.events.model import Event
from gwf.events.ports import EventSink
from gwf.events.raised import centre_event

MOST = 10_000  #: that wait while events cannot be stored; of more the oldest are given up
MOST_KNOWN = 50_000  #: a forgotten one is raised again, which changes nothing
PORTION = 500
AGAIN_AFTER_S = 1.0

log = logging.getLogger("gwf.alerts")


class AlertEvents:
    """Told after the turn that they are about was kept; what a killed process did not tell stands in the lists only."""

    def __init__(self, sink: EventSink) -> None:
        """Give events to `sink`."""
        self._sink = sink
        self._waiting: deque[Event] = deque()
        #: ids that were told or wait, the oldest first
        self._known: dict[str, None] = {}
        self._news = asyncio.Event()
        self.given_up_total = 0

    def take(self, turn: Turn) -> None:
        """Note what a turn has to tell."""
        for row in turn.alerts:
            event = _event(row)
            if event.id not in self._known:
                self._waiting.append(event)
                self._known[event.id] = None
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        while len(self._waiting) > MOST:
            self._waiting.popleft()
            self.given_up_total += 1
        if self._waiting:
            self._news.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._news.wait()
            portion = [self._waiting[at] for at in range(min(PORTION, len(self._waiting)))]
            try:
                await self._sink.emit(portion)
            except GwfError as exc:
                log.warning("alert_events_wait", extra={"error_code": exc.code, "waiting": len(self._waiting)})
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            for _ in portion:
                self._waiting.popleft()
            if not self._waiting:
                self._news.clear()


def _event(row: AlertRow) -> Event:
    """Return how an alert stands, under an id that is another one after each change that is told."""
    alert = row.alert
    if alert.ended_at_ms is not None:
        what, at_ms = "resolved", alert.ended_at_ms
    elif alert.status is AlertStatus.ACKNOWLEDGED:
        what, at_ms = "acknowledged", alert.steps[-1].at_ms
    else:
        what, at_ms = "opened", alert.started_at_ms
    event = centre_event(
        f"alert.{what}", at_ms=at_ms, event_id=f"{alert.id}:{what}:{at_ms}", severity=alert.severity,
        subject=alert.id, data=_data(alert, row.rule_name),
    )  # fmt: skip
    return replace(event, tenant=row.tenant)


def _data(alert: Alert, rule_name: str) -> dict[str, object]:
    return {
        "alert_id": alert.id,
        "title": alert.title,
        "status": alert.status.value,
        "rule_id": alert.rule_id,
        "rule_name": rule_name,
        "labels": dict(alert.labels),
        "owner": alert.owner,
        "count": alert.count,
        "held_by": alert.held_by,
    }
