from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass
from gwf.db.address import DatabaseAddress
from gwf.flows.run import Origin, RunState
from gwf.flows.wishes import RunWish
from gwf.letters.model import LetterKind, LetterState
from gwf.tasks.keeping import By
from tests.desk.centre import BY, EVERY, Moved, with_centre

FLOW: dict[str, JsonValue] = {
    "name": "two calls",
    "steps": [
        {"id": "first", "action": "WEBHOOK", "config": {"url": "https://a.example.com/"}, "retry": {"max_attempts": 1}},
        {"id": "then", "action": "WEBHOOK", "config": {"url": "https://b.example.com/"}, "needs": ["first"]},
    ],
}


def test_a_step_that_is_replayed_lets_its_run_go_on(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        flows = moved.centre.flows
        caller = Caller(actor=BY.actor, name="ann")
        flow = await flows.service.create("default", FLOW, by=caller)
        await flows.service.publish("default", flow.head.flow_id, by=caller)
        by = By(tenant="default", actor=BY.actor, name="ann")
        run = (await flows.runs.start(RunWish(flow="two calls", origin=Origin(by="ann")), by)).run
        await moved.work(ErrorClass.SERVER)
        (letter,) = await moved.letters()
        assert (letter.kind, letter.source["flow_run_id"]) == (LetterKind.STEP, run.run_id)
        await moved.order()
        while await moved.work(None):
            pass
        assert moved.effects == 2
        assert [one.state for one in await moved.letters(states=EVERY)] == [LetterState.RESOLVED]
        assert (await flows.runs.get("default", run.run_id)).run.state is RunState.SUCCEEDED

    with_centre(address, tmp_path, work)
