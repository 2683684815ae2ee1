"""A question that was put before its agent listens is heard of as soon as it does."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gwf.control.asks.desk import AskDesk
from gwf.control.asks.memory import MemoryAsks
from gwf.control.asks.model import ASKS_BELL, Asking, AskKind, Reply
from gwf.control.bells import Bells
from gwf.control.fleet.model import AgentId
from gwf.core.clock import SystemClock

HOST = AgentId("agt_1")


def desk_of(asks: MemoryAsks, bells: Bells) -> AskDesk:
    """Return a desk whose one agent is online."""
    agent = SimpleNamespace(tenant="default", revoked_at_ms=None, hostname="h1")
    live = SimpleNamespace(agent=agent, verdict=SimpleNamespace(state=None))
    roster = SimpleNamespace(find=lambda agent_id: live if agent_id == HOST else None)
    return AskDesk(asks, cast("Any", roster), bells, fleet=cast("Any", None), clock=SystemClock())


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_question_from_before_it_listens_is_rung_for(is_shared: bool) -> None:
    async def run() -> bytes:
        asks, bells = MemoryAsks(shared=is_shared), Bells()
        here, there = desk_of(asks, bells), desk_of(asks, Bells())  # it will listen here; who asks may ask there
        bells.greetings.append(here.greeting)
        asking = Asking(tenant="default", agent_id=HOST, kind=AskKind.LEVEL, body=b"{}", by=cast("Any", None))
        asked = asyncio.create_task((there if is_shared else here).ask(asking))
        looking = [asyncio.create_task(desk.run()) for desk in (here, there)]
        await asyncio.sleep(0.4 if is_shared else 0)  # its server has looked while nobody listened
        with bells.hung(HOST) as bell:
            assert await bell.heard(20.0) == {ASKS_BELL}
        (question,) = (await here.fetch(HOST, limit=4)).questions
        assert await here.reply(HOST, question.ask_id, Reply(body=b"1"))
        answer = await asked
        for task in looking:
            task.cancel()
        return answer

    assert asyncio.run(run()) == b"1"
