from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gwf.audit.deed import Deed, RevisionError, on_behalf_of
from gwf.core.errors import ErrorClass, InputError
from gwf.db.address import DatabaseAddress
from gwf.db.retention import Keep, tend_work
from gwf.letters.desk import Wish
from gwf.letters.model import LetterFilter, LetterKind, LetterState, LetterStateError, RunAct
from gwf.tasks.model import TaskState
from gwf.tasks.worker.catalog import FaultyTaskError
from tests.desk.centre import BY, CLASSES, EVERY, Moved, with_centre

UPLOADS = frozenset({LetterKind.UPLOAD})


def test_failures_of_every_class_reach_the_desk(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        for name in CLASSES:
            await moved.give_up(name, 2)
            await moved.fail_tasks(name, 2)
        await moved.say_nonsense(2)
        for _ in range(2):  # read twice, entered once
            await moved.follow()
        found = await moved.letters()
        assert Counter((one.kind.value, one.error_class) for one in found) == {
            **{("upload", name): 2 for name in CLASSES},
            **{("task", name): 2 for name in CLASSES},
            ("event", "unreadable"): 2,
        }
        assert {len(one.cause_id) for one in found} == {16}
        groups = (await moved.centre.letters.desk.groups("default", LetterFilter())).items
        assert [group.count for group in groups] == [2] * len(groups)
        assert len(groups) == 2 * len(CLASSES) + 1

    with_centre(address, tmp_path, work)


def test_a_replay_is_the_same_task_and_has_one_effect(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        tasks = await moved.fail_tasks("network", 3)
        progress = [await moved.order() for _ in range(3)][-1]
        assert (progress.run.total, progress.queued) == (0, 0)
        assert {task.task_id for task in await moved.work(None)} == set(tasks)
        for _ in range(3):
            await moved.order()
            await moved.work(None)
        assert moved.effects == 3
        states = {one.state for one in await moved.letters(states=EVERY)}
        assert states == {LetterState.RESOLVED}
        record = await moved.audited()
        assert (record.count("dead_letters.replay"), record.count("task.retry")) == (6, 3)

    with_centre(address, tmp_path, work)


def test_what_fails_again_after_a_replay_is_poison(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.fail_tasks("server", 2)
        meant = Wish(act=RunAct.REPLAY, wanted=LetterFilter(), reason="because", most=1)
        ahead = await moved.centre.letters.desk.rehearse("default", meant)
        await moved.order(most=1)
        assert [one.letter_id for one, _ in ahead.items] == [
            one.letter_id for one in await moved.letters(states=frozenset({LetterState.REPLAYING}))
        ]
        await moved.work(ErrorClass.SERVER)
        found = {one.poison: one for one in await moved.letters()}
        assert (found[True].replays, found[False].replays, found[True].attempts) == (1, 0, 2)
        assert (await moved.order()).run.total == 1
        await moved.work(None)
        assert [one.poison for one in await moved.letters()] == [True]
        named = LetterFilter(ids=frozenset({found[True].letter_id}))
        assert (await moved.order(wanted=named)).run.total == 1

    with_centre(address, tmp_path, work)


def test_a_rehearsal_tells_kinds_and_agents_away_of_all_that_the_order_would_take(
    address: DatabaseAddress, tmp_path: Path
) -> None:
    async def work(moved: Moved) -> None:
        await moved.fail_tasks("server", 2)
        await moved.give_up("network", 25)
        await moved.follow()
        desk, wish = moved.centre.letters.desk, Wish(act=RunAct.REPLAY, wanted=LetterFilter(), reason="")
        every = await desk.rehearse("default", wish)
        assert (every.count, every.kinds, every.out_of_reach) == (27, {"upload": 25, "task": 2}, 25)
        assert [(one.agent_id, one.note, one.count) for one in every.away] == [("agt_1", "agent_revoked", 25)]
        some = await desk.rehearse("default", replace(wish, most=26))
        assert (some.count, sum(some.kinds.values()), some.beyond) == (26, 26, 1)
        oldest = (await moved.letters())[-1].kind.value
        few = await desk.rehearse("default", replace(wish, most=1))
        assert few.kinds == {oldest: 1}
        dropped = await desk.rehearse("default", replace(wish, act=RunAct.DROP))
        assert (dropped.away, dropped.out_of_reach) == ((), 0)

    with_centre(address, tmp_path, work)


def test_a_task_is_changed_before_it_is_done_again(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        (task_id,) = await moved.fail_tasks("not_found")
        (letter,) = await moved.letters()
        named = LetterFilter(ids=frozenset({letter.letter_id}))
        wish = Wish(act=RunAct.REPLAY, wanted=named, reason="moved")
        desk = moved.centre.letters.desk
        with pytest.raises(FaultyTaskError):
            await desk.rehearse("default", replace(wish, edit={"config": {"url": "nowhere"}}))
        with pytest.raises(InputError):
            await desk.order(replace(wish, edit={"colour": "red"}), BY)
        edit = {"config": {"url": "https://new.example.com/x", "body": 0}}
        rehearsed = await desk.rehearse("default", replace(wish, edit=edit))
        assert [(one.pointer, one.before, one.after) for one in rehearsed.changes] == [
            ("/config/url", "https://hooks.example.com/x", "https://new.example.com/x")
        ]
        before = await moved.centre.work.tasks.get("default", task_id)
        stale = Deed(expected=letter.revision - 1)
        with on_behalf_of(stale), pytest.raises(RevisionError):
            await desk.order(replace(wish, edit=edit), BY)
        with on_behalf_of(Deed(expected=letter.revision)):
            await moved.order(wanted=named, edit=edit)
        task = await moved.centre.work.tasks.get("default", task_id)
        assert (task.task_id, task.key, task.payload) == (before.task_id, before.key, edit["config"])
        assert (task.state, task.target) == (TaskState.PENDING, "POST https://new.example.com:443/x")
        with pytest.raises(LetterStateError):
            await desk.order(wish, BY)

    with_centre(address, tmp_path, work)


def test_an_event_is_mended_and_taken_in_once(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.say_nonsense()
        await moved.follow()
        (letter,) = await moved.letters()
        desk = moved.centre.letters.desk
        assert (await desk.probe("default", letter.cause_id)).verdict.value == "still"
        await moved.order()
        (failed,) = await moved.letters()
        assert (failed.poison, failed.note) == (True, "bad_event")
        _, content = await desk.get("default", letter.letter_id)
        assert content.editable is not None
        event: dict[str, Any] = json.loads(json.dumps(content.editable["event"]))
        event["body"]["size_bytes"] = 12
        named = LetterFilter(ids=frozenset({letter.letter_id}))
        await moved.order(wanted=named, edit={"event": event})
        assert [one.state for one in await moved.letters(states=EVERY)] == [LetterState.RESOLVED]
        assert moved.centre.events.ingest.facts.file_events_total == 1

    with_centre(address, tmp_path, work)


def test_what_agents_tell_later_closes_letters(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.give_up("auth", 4)
        await moved.follow()
        base = 1000 * CLASSES.index("auth")
        paths = [{"path": f"/data/auth/{number}.log", "store": "main"} for number in range(4)]
        await moved.tell([("file.replayed", paths[0]), ("file.replayed", paths[1])], file_id=base)
        await moved.follow()
        assert Counter(one.state.value for one in await moved.letters(states=EVERY)) == {"replaying": 2, "open": 2}
        await moved.tell([("file.done", paths[0]), ("file.dead", {**paths[1], "error_class": "auth"})], file_id=base)
        await moved.tell([("file.dropped", paths[2]), ("file.done", paths[3])], file_id=base + 2, gen=2)
        await moved.follow()
        found = {one.about: one for one in await moved.letters(states=EVERY)}
        assert [found[one["path"]].state.value for one in paths] == ["resolved", "open", "dropped", "resolved"]
        assert [found[one["path"]].poison for one in paths] == [False, True, False, False]

    with_centre(address, tmp_path, work)


def test_a_run_keeps_its_pace_can_be_stopped_and_leaves_the_rest_open(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.fail_tasks("timeout", 5)
        progress = await moved.order(rate_per_s=0.1)
        assert (progress.run.total, progress.queued) == (5, 5)
        desk = moved.centre.letters.desk
        stopped = await desk.stop(progress.run.run_id, BY, reason="enough")
        assert (stopped.run.stopped, stopped.queued) == (True, 0)
        assert len(await moved.letters()) == 5
        dropped = await moved.order(RunAct.DROP, most=2)
        assert (dropped.dropped, len(await moved.letters())) == (2, 3)
        assert {"dead_letters.stop", "dead_letters.drop"} <= set(await moved.audited())

    with_centre(address, tmp_path, work)


def test_an_agent_that_cannot_be_asked_leaves_its_letters_open(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        await moved.give_up("network", 2)
        await moved.follow()
        progress = await moved.order(wanted=LetterFilter(kinds=UPLOADS))
        assert (progress.refused, progress.replaying) == (2, 0)
        assert {one.note for one in await moved.letters()} == {"not_found"}

    with_centre(address, tmp_path, work)


def test_letters_go_with_what_they_are_about_and_open_ones_stay(address: DatabaseAddress, tmp_path: Path) -> None:
    async def work(moved: Moved) -> None:
        tasks = await moved.fail_tasks("network", 2)
        await moved.give_up("auth", 2)
        await moved.follow()
        await moved.order(RunAct.DROP, wanted=LetterFilter(kinds=frozenset({LetterKind.TASK})), most=1)
        keep = Keep(events_s=1e9, file_events_s=1e9, work_s=0.0, minutes_s=1e9, hours_s=1e9, days_s=1e9)
        now_ms = moved.centre.clock.now_ms() + 1000
        removed = await tend_work(moved.centre.database.core, keep, now_ms=now_ms)
        assert (removed["tasks"], removed["letters"], removed["letter_runs"]) == (len(tasks), 2, 1)
        assert [one.kind.value for one in await moved.letters(states=EVERY)] == ["upload", "upload"]

    with_centre(address, tmp_path, work)
