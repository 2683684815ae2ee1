from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass, NotFoundError
from gwf.db.address import DatabaseAddress
from gwf.db.partitions import DAY_MS
from gwf.db.retention import Keep, tend, tend_work
from gwf.letters.model import LetterState
from gwf.rules.decider import DecisionState
from gwf.tasks import genealogist
from gwf.tasks.genealogist import Genealogist
from gwf.tasks.lineage import Lineage
from tests.desk.centre import BY, CLASSES, Moved, with_centre

RULE: dict[str, JsonValue] = {
    "name": "tell",
    "when": {"path": "/data/**"},
    "then": [
        {"action": "WEBHOOK", "config": {"url": "https://hooks.example.com/x", "body": {"at": "{{ event.seq }}"}}}
    ],
}


async def decide(moved: Moved) -> None:
    """Let the rules decide about everything that is stored, and let a worker have what comes of it."""
    await moved.centre.rules.book.refresh()
    await moved.centre.rules.decider.catch_up(-1.0)


def test_a_life_is_told_from_the_event_to_the_last_attempt(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        rules = moved.centre.rules.service
        by = Caller(actor=BY.actor, name="ann")
        made = await rules.create("default", RULE, by=by)
        await rules.publish("default", made.head.rule_id, by=by)
        await moved.centre.rules.book.refresh()
        done = {"path": "/data/a.log", "store": "main", "key": "k/a", "size_bytes": 3, "sha256": "00", "attempt": 1}
        await moved.tell([("file.failed", {"path": "/data/a.log", "store": "main", "attempt": 1})], file_id=7)
        await moved.tell([("file.done", done)], file_id=7)
        await decide(moved)
        await moved.work(ErrorClass.SERVER)
        await moved.order()
        await moved.work(None)
        life = await lives(moved).of_path("default", "agt_1", "/data/a.log")
        assert [one.event.status.word for one in life.events] == ["failed", "done"]
        assert (life.missing, life.left_out) == ([], 0)
        assert life.object is not None
        assert (life.object.event.store, life.object.event.key) == ("main", "k/a")
        assert {one.found.state for one in life.decisions} == {DecisionState.DECIDED}
        named = {name for one in life.decisions for name in one.task_ids}
        assert named == {one.task.task_id for one in life.tasks}
        outcomes = [attempt.outcome.value for attempt in life.tasks[0].attempts]
        assert outcomes == ["failed", "succeeded"]
        assert [list(one.names.values()) for one in life.decisions] == [["tell"], ["tell"]]
        letters = [one.letter.state for one in life.tasks if one.letter is not None]
        assert LetterState.RESOLVED in letters
        again = await lives(moved).of_event("default", life.events[0].row_id)
        assert [one.row_id for one in again.events] == [one.row_id for one in life.events]

    with_centre(address, tmp_path, work)


def test_a_file_known_by_events_only_has_a_life_with_its_versions(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.give_up("auth", 1)
        path = {"path": "/data/auth/0.log", "store": "main", "key": "k"}
        await moved.tell([("file.done", path)], file_id=1000 * CLASSES.index("auth"), gen=2)
        await decide(moved)
        await moved.follow()
        life = await lives(moved).of_path("default", "agt_1", "/data/auth/0.log")
        assert [(one.gen, one.status.word) for one in life.versions] == [(2, "done"), (1, "dead")]
        assert (life.gen, life.tasks, life.missing) == (2, [], [])
        older = await lives(moved).of_path("default", "agt_1", "/data/auth/0.log", gen=1)
        assert (older.object, older.letter and older.letter.state) == (None, LetterState.RESOLVED)
        with pytest.raises(NotFoundError):
            await lives(moved).of_path("acme", "agt_1", "/data/auth/0.log")

    with_centre(address, tmp_path, work)


def about_flow(name: str) -> dict[str, JsonValue]:
    return {
        "name": "flow",
        "when": {"path": "/data/**"},
        "then": [{"action": "FLOW", "config": {"flow": name}}],
    }


FLOW: dict[str, JsonValue] = {
    "name": "two calls",
    "steps": [
        {"id": "first", "action": "WEBHOOK", "config": {"url": "https://a.example.com/"}, "retry": {"max_attempts": 1}},
        {"id": "then", "action": "WEBHOOK", "config": {"url": "https://b.example.com/"}, "needs": ["first"]},
    ],
}


async def put_rule(moved: Moved, rule: dict[str, JsonValue]) -> None:
    by = Caller(actor=BY.actor, name="ann")
    made = await moved.centre.rules.service.create("default", rule, by=by)
    await moved.centre.rules.service.publish("default", made.head.rule_id, by=by)
    await moved.centre.rules.book.refresh()


async def put_flow(moved: Moved) -> None:
    by = Caller(actor=BY.actor, name="ann")
    flow = await moved.centre.flows.service.create("default", FLOW, by=by)
    await moved.centre.flows.service.publish("default", flow.head.flow_id, by=by)


async def arrive(moved: Moved, **more: object) -> Lineage:
    """Let a file arrive, and all that comes of it be done."""
    await moved.tell([("file.done", {"path": "/data/a.log", "store": "main", "key": "k/a", **more})], file_id=7)
    await decide(moved)
    while await moved.work(None):
        pass
    return await lives(moved).of_path("default", "agt_1", "/data/a.log")


async def let_time_pass(moved: Moved) -> None:
    """Let so much time pass that events are removed, and what came of them is not."""
    keep = moved.centre.settings.server.keep
    kept = Keep(
        events_s=keep.events, file_events_s=keep.file_events, work_s=keep.work, minutes_s=keep.minutes,
        hours_s=keep.hours, days_s=keep.days,
    )  # fmt: skip
    now_ms = moved.centre.clock.now_ms() + 100 * DAY_MS
    await tend(moved.centre.database.events, kept, now_ms=now_ms)
    await tend_work(moved.centre.database.core, kept, now_ms=now_ms)


def test_a_life_names_the_runs_of_flows_with_their_steps(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await put_flow(moved)
        await put_rule(moved, about_flow("two calls"))
        life = await arrive(moved)
        (run,) = life.runs
        assert (run.name, run.state, run.file) == ("two calls", "succeeded", ("agt_1", "/data/a.log", 1))
        assert [(one.run_ids, one.task_ids) for one in life.decisions] == [([run.run_id], [])]
        assert [one.task.cause.flow_step for one in life.tasks] == ["first", "then"]
        assert life.missing == []

    with_centre(address, tmp_path, work)


def test_a_run_that_could_not_begin_is_a_task_that_says_so(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await put_rule(moved, about_flow("nobody made it"))
        life = await arrive(moved)
        (told,) = life.tasks
        assert (told.task.type, told.letter is not None) == ("FLOW", True)
        assert [(one.run_ids, one.task_ids) for one in life.decisions] == [([], [told.task.task_id])]
        assert (life.runs, life.missing) == ([], [])

    with_centre(address, tmp_path, work)


def test_what_came_of_an_event_tells_its_life_when_it_is_not_kept_any_more(
    address: DatabaseAddress, tmp_path: Path
) -> None:
    async def work(moved: Moved) -> None:
        await put_flow(moved)
        await put_rule(moved, about_flow("two calls"))
        (event,) = (await arrive(moved)).events
        await let_time_pass(moved)
        life = await lives(moved).of_event("default", event.row_id)
        assert (life.agent_id, life.path, life.gen) == ("agt_1", "/data/a.log", 1)
        assert ([run.name for run in life.runs], len(life.tasks)) == (["two calls"], 2)
        assert [(one.kind, one.id, one.why) for one in life.missing] == [("event", str(event.row_id), "removed")]
        assert (life.events, life.object) == ([], None)
        with pytest.raises(NotFoundError):
            await lives(moved).of_event("default", event.row_id + 1)
        with pytest.raises(NotFoundError):
            await lives(moved).of_event("acme", event.row_id)
        with pytest.raises(NotFoundError):
            await lives(moved).of_path("default", "agt_1", "/data/a.log")

    with_centre(address, tmp_path, work)


def test_a_life_is_told_though_nobody_knows_the_file_any_more(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await put_rule(moved, RULE)
        (event,) = (await arrive(moved)).events
        await let_time_pass(moved)
        life = await lives(moved).of_event("default", event.row_id)
        assert (life.agent_id, life.path, life.gen, life.versions) == ("", "", None, [])
        assert [attempt.outcome.value for work in life.tasks for attempt in work.attempts] == ["succeeded"]
        assert [one.kind for one in life.missing] == ["event"]

    with_centre(address, tmp_path, work)


def test_a_dead_letter_tells_the_life_of_a_file_of_which_no_event_is_kept(
    address: DatabaseAddress, tmp_path: Path
) -> None:
    async def work(moved: Moved) -> None:
        await moved.give_up("auth", 1)
        await moved.follow()
        await let_time_pass(moved)
        life = await lives(moved).of_path("default", "agt_1", "/data/auth/0.log")
        assert [(one.gen, one.status.word, one.events) for one in life.versions] == [(1, "dead", 0)]
        assert (life.letter and life.letter.state, [one.kind for one in life.missing]) == (LetterState.OPEN, ["event"])

    with_centre(address, tmp_path, work)


def test_a_life_says_that_it_began_before_what_is_kept(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        life = await arrive(moved, duration_ms=400 * DAY_MS)
        assert [one.kind for one in life.missing] == ["history"]

    with_centre(address, tmp_path, work)


def test_every_version_is_found_however_many_there_are(
    address: DatabaseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genealogist, "LOOKED_AT", 2)

    async def work(moved: Moved) -> None:
        body = {"path": "/data/a.log", "store": "main", "key": "k"}
        for gen in range(1, 5):
            await moved.tell([("file.done", body)], file_id=7, gen=gen)
        newest = await lives(moved).of_path("default", "agt_1", "/data/a.log")
        assert [one.gen for one in newest.versions] == [4, 3]
        oldest = await lives(moved).of_path("default", "agt_1", "/data/a.log", gen=1)
        assert (oldest.gen, len(oldest.events), [one.gen for one in oldest.versions]) == (1, 1, [4, 3, 1])
        again = await lives(moved).of_event("default", oldest.events[0].row_id)
        assert again.gen == 1

    with_centre(address, tmp_path, work)


def lives(moved: Moved) -> Genealogist:
    return moved.centre.letters.lives
