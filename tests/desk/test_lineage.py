from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from gwf.control.caller import Caller
from gwf.core.errors import ErrorClass, NotFoundError
from gwf.db.address import DatabaseAddress
from gwf.letters.model import LetterState
from gwf.rules.decider import DecisionState
from gwf.tasks.lineage import Genealogist
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


def lives(moved: Moved) -> Genealogist:
    return moved.centre.letters.lives
