"""Raises events after the change that they tell of; what cannot be stored now is tried again."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from gwf.core.errors import GwfError
from gwf.events.model import Event
from gwf.events.ports import EventSink

MAX_UNTOLD = 10_000  #: the oldest go first; what they tell of is in the store all the same

log = logging.getLogger("gwf.control.rollout")


class Teller:
    """Keeps events until the sink has them. Their ids are made from what happened, so none is doubled."""

    def __init__(self, sink: EventSink) -> None:
        """Begin with nothing to tell."""
        self._sink = sink
        self._untold: list[Event] = []

    async def tell(self, events: Iterable[Event] = ()) -> None:
        """Raise events, and those that could not be stored before.

        Raises:
            GwfError: They cannot be stored, and trying again would not help.
        """
        self._untold += events
        if not self._untold:
            return
        batch, self._untold = self._untold, []
        try:
            await self._sink.emit(batch)
        except GwfError as exc:
            if not exc.retryable:
                raise
            self._untold = (batch + self._untold)[-MAX_UNTOLD:]
            log.warning("rollout_events_untold", extra={"waiting": len(self._untold), "error": str(exc)})
