from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gwf.control.rollout.teller import Teller
from gwf.core.errors import GwfError, InputError, LocalIoError, UnavailableError
from gwf.events.model import Event
from gwf.events.raised import MemorySink, centre_event


class Refusing(MemorySink):
    """Refuses what comes as long as it has a reason."""

    def __init__(self, reason: GwfError | None) -> None:
        super().__init__()
        self.reason = reason

    async def emit(self, events: Sequence[Event]) -> None:
        if self.reason is not None:
            raise self.reason
        await super().emit(events)


def event(number: int) -> Event:
    return centre_event("rollout.running", at_ms=number, event_id=f"e{number}", subject="r", data={})


@pytest.mark.parametrize("reason", [UnavailableError("away"), LocalIoError("the disk is full")])
def test_what_cannot_be_stored_now_is_told_later_in_its_order(reason: GwfError) -> None:
    async def work() -> list[str]:
        sink = Refusing(reason)
        teller = Teller(sink)
        await teller.tell([event(1)])
        await teller.tell([event(2)])
        sink.reason = None
        await teller.tell()
        return [one.id for one in sink.events]

    assert asyncio.run(work()) == ["e1", "e2"]


def test_what_can_never_be_stored_is_not_kept_in_silence() -> None:
    async def work() -> None:
        await Teller(Refusing(InputError("not an event"))).tell([event(1)])

    with pytest.raises(InputError):
        asyncio.run(work())
