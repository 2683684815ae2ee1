"""The stores of an edge as people see them, and their breakers moved by hand."""

from __future__ import annotations

import logging
from typing import Literal
from urllib.parse import urlsplit

from gwf.agent.engine import Edge
from gwf.agent.health import store_reason
from gwf.agent.transfer.destination import Destination
from gwf.core.errors import NotFoundError
from gwf.core.settings.model import StoreSettings
from gwf.storage.model import StoreState
from gwf.wire.edge import StoreView
from gwf.wire.stores import BreakerOrder

log = logging.getLogger("gwf.agent")


class Stores:
    """Looks at the destinations of an edge and moves their breakers (api.ports.StoresSource)."""

    def __init__(self, edge: Edge) -> None:
        """Look at `edge`, whatever stores it has at the time."""
        self._edge = edge

    def list(self) -> list[StoreView]:
        """Return every store in the order of the configuration."""
        edge = self._edge
        return [store_view(item, edge.store_settings.get(item.name)) for item in edge.destinations.values()]

    def move_breaker(self, name: str, order: BreakerOrder, *, author: str) -> StoreView:
        """Open, close or reset the breaker of a store; it is told in the log and in an event.

        Raises:
            NotFoundError: No store has this name.
        """
        destination = self._edge.destinations.get(name)
        if destination is None:
            raise NotFoundError("no store has this name", store=name, stores=sorted(self._edge.destinations))
        why = f": {order.reason.strip()}" if order.reason.strip() else ""
        breaker = destination.breaker
        if order.action == "open":
            breaker.hold(f"opened by operator {author}{why}")
        elif order.action == "close":
            breaker.close(f"closed by operator {author}{why}")
        else:
            breaker.reset(f"reset by operator {author}{why}")
        facts = {"store": name, "action": order.action, "by": author, "reason": order.reason.strip()}
        log.info("breaker_moved", extra=facts)
        self._edge.tell("store.breaker_moved", facts)
        return store_view(destination, self._edge.store_settings.get(name))


def store_view(destination: Destination, settings: StoreSettings | None) -> StoreView:
    """Return one store as it is now."""
    health, breaker = destination.care.present_health(), destination.breaker
    state: Literal["ok", "failing", "unknown"] = "unknown"
    if health is not None:
        state = "ok" if health.state is StoreState.OK else "failing"
    return StoreView(
        name=destination.name,
        url="" if settings is None else _without_credentials(settings.url),
        endpoint="" if settings is None or settings.endpoint is None else _without_credentials(settings.endpoint),
        state=state,
        breaker=breaker.state.value,
        breaker_manual=breaker.manual,
        breaker_reason=breaker.reason,
        probe_in_s=breaker.probe_in_s(),
        sending=len(destination.sending),
        workers=destination.workers,
        limit_waits_total=destination.limits.waits.times,
        reason=store_reason(destination),
    )


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
