from __future__ import annotations

import gzip
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.actions.book import FILE_NAME, ActionBook
from gwf.agent.actions.model import RunState
from gwf.agent.engine import Edge
from gwf.agent.journal.admin import open_admin
from gwf.agent.journal.statements import PURGE_EVENTS
from gwf.core.clock import SystemClock
from gwf.core.faults import ACTION_POINTS
from gwf.core.settings.model import Settings
from tests.agent.edges import EdgeProcess, Place, hashes_below, running_edge
from tests.agent.shown import shown_edge
from tests.agent.waiting import stays, until

ARCHIVE: dict[str, Any] = {"archive": {}}
DELETE: dict[str, Any] = {"archive": {"delete": True}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def settings_of(
    place: Place, *after: Mapping[str, Any], scripts: Mapping[str, Any] | None = None, kill_at: str = ""
) -> Settings:
    actions = {"scripts": scripts or {}, "max_attempts": 3}
    return place.settings(kill_at=kill_at, watch={"after": list(after)}, actions=actions)


def states(place: Place) -> dict[str, int]:
    with closing(ActionBook(place.data, SystemClock())) as book:
        return {state.value: count for state, count in book.counts().items() if count}


def until_done(edge: Edge, count: int) -> None:
    until(lambda: edge.actions.counts()[RunState.DONE] == count)


def reasons(place: Place) -> dict[str, str | None]:
    with closing(open_admin(place.data)) as journal:
        files = journal.files((), "", None, None, 100).items
        return {Path(file.path).name: file.reason.code if file.reason else file.state for file in files}


def archived(place: Place) -> dict[str, bytes]:
    root = place.tree / ".gwf-archive"
    return {str(path.relative_to(root)): gzip.decompress(path.read_bytes()) for path in root.rglob("*.gz")}


def test_a_verified_file_is_archived_and_its_archive_is_not_sent(place: Place) -> None:
    place.write("a.log", "day/b.log")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 2)
        edge.input._reconciler.request_all()
        stays(lambda: place.stored().keys() == {"a.log", "day/b.log"}, for_s=0.7)
    assert archived(place) == {"a.log.gz": b"a.log", "day/b.log.gz": b"day/b.log"}
    assert reasons(place) == {"a.log": "archived", "b.log": "archived"}


def test_an_archived_file_stays_archived_over_a_restart(place: Place) -> None:
    place.write("a.log")
    settings = settings_of(place, ARCHIVE)
    with running_edge(settings) as edge:
        until_done(edge, 1)
    with running_edge(settings) as edge:
        until(edge.input.first_pass_handed_on)
    assert reasons(place) == {"a.log": "archived"}
    assert place.stored().keys() == {"a.log"}


def test_a_file_is_deleted_once_the_store_has_it(place: Place) -> None:
    place.write("a.log")
    with running_edge(settings_of(place, DELETE)) as edge:
        until_done(edge, 1)
    assert (set(place.manifest()), set(place.stored()), reasons(place)) == (set(), {"a.log"}, {"a.log": "archived"})


def test_a_file_whose_object_went_away_is_not_deleted(place: Place) -> None:
    place.write("a.log")
    gate = place.base / "gate"
    wait = {"wait": {"command": ["/bin/sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.02; done"]}}
    with running_edge(settings_of(place, {"script": "wait"}, DELETE, scripts=wait)) as edge:
        until(place.is_carried)
        (place.objects / "a.log").unlink()
        gate.touch()
        until(lambda: edge.actions.counts()[RunState.REFUSED])
    assert place.manifest().keys() == {"a.log"}


def test_steps_follow_each_other(place: Place) -> None:
    place.write("a.log")
    log = place.base / "log"
    scripts = {"note": {"command": ["/bin/sh", "-c", f'test -f "$1" && echo "$2" >> {log}', "sh", "{path}", "{key}"]}}
    with running_edge(settings_of(place, {"script": "note"}, ARCHIVE, scripts=scripts)) as edge:
        until_done(edge, 2)
    assert log.read_text() == "a.log\n"
    assert archived(place) == {"a.log.gz": b"a.log"}


def test_a_step_that_fails_is_tried_again_and_then_waits_for_a_person(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gwf.agent.actions.perform.FIRST_WAIT_S", 0.02)
    place.write("a.log")
    log = place.base / "log"
    scripts = {"bad": {"command": ["/bin/sh", "-c", f"echo x >> {log}; echo told; exit 3"]}}
    with running_edge(settings_of(place, {"script": "bad"}, ARCHIVE, scripts=scripts)) as edge:
        until(lambda: edge.actions.counts()[RunState.FAILED])
    assert (log.read_text(), set(place.manifest())) == ("x\nx\nx\n", {"a.log"})
    with closing(ActionBook(place.data, SystemClock())) as book:
        run = book.recent([RunState.FAILED], 10)[0]
    assert (run.summary, run.output, run.attempts) == ("exit code 3", "told\n", 3)


def test_a_failed_step_shows_in_health_and_metrics(place: Place) -> None:
    place.write("a.log")
    actions = {"scripts": {"bad": {"command": ["/bin/false"]}}, "max_attempts": 1}
    settings = place.settings(watch={"after": [{"script": "bad"}]}, actions=actions)
    with shown_edge(settings) as shown:
        until(lambda: shown.codes() == {"actions_failed"})
        until(lambda: shown.value('gwf_edge_actions_ended_total{state="failed"}') == 1)
        assert shown.value('gwf_edge_actions{state="failed"}') == 1


def test_files_carried_before_steps_were_configured_are_left_alone(place: Place) -> None:
    place.write("old.log")
    with running_edge(settings_of(place)):
        until(place.is_carried)
        until(lambda: reasons(place) == {"old.log": "done"})
    assert not (place.data / FILE_NAME).exists()
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until(edge.input.first_pass_handed_on)
        place.write("new.log")
        until_done(edge, 1)
    assert place.manifest().keys() >= {"old.log"}
    assert archived(place).keys() == {"new.log.gz"}


def test_a_step_that_is_not_configured_any_more_is_not_run(place: Place) -> None:
    place.write("a.log")
    gate = place.base / "gate"
    wait = {"wait": {"command": ["/bin/sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.02; done"]}}
    with running_edge(settings_of(place, {"script": "wait"}, DELETE, scripts=wait)) as edge:
        until(lambda: edge.actions.counts()[RunState.RUNNING])
    with running_edge(settings_of(place)) as edge:
        until(lambda: edge.actions.counts()[RunState.REFUSED] == 2)
    assert place.manifest().keys() == {"a.log"}


def test_running_steps_stop_with_the_process_and_go_on_later(place: Place) -> None:
    place.write("a.log")
    gate = place.base / "gate"
    wait = {"wait": {"command": ["/bin/sh", "-c", f"while [ ! -e {gate} ]; do sleep 0.02; done"]}}
    settings = settings_of(place, {"script": "wait"}, scripts=wait)
    with running_edge(settings) as edge:
        until(lambda: edge.actions.counts()[RunState.RUNNING])
    assert states(place) == {"ready": 1}
    gate.touch()
    with running_edge(settings) as edge:
        until_done(edge, 1)


def test_a_newer_version_is_sent_and_archived_too(place: Place) -> None:
    place.write("a.log", content=b"first")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
        place.write("a.log", content=b"second")
        until_done(edge, 2)
    assert sorted(archived(place).values()) == [b"first", b"second"]
    assert (place.objects / "a.log").read_bytes() == b"second"


@pytest.mark.parametrize("point", ACTION_POINTS)
@pytest.mark.parametrize("step", [ARCHIVE, DELETE, {"archive": {"compress": "none"}}], ids=["gzip", "delete", "move"])
def test_a_process_that_dies_within_an_action_loses_nothing(place: Place, point: str, step: dict[str, Any]) -> None:
    place.write("a.log")
    with EdgeProcess(settings_of(place, step, kill_at=point)) as process:
        assert process.await_death() == -9
    with running_edge(settings_of(place, step)) as edge:
        until_done(edge, 1)
        until(edge.input.first_pass_handed_on)
    assert states(place) == {"done": 1}
    assert place.stored().keys() == {"a.log"}
    assert reasons(place) == {"a.log": "archived"}
    left = hashes_below(place.tree)
    assert left.keys() == ({".gwf-archive/a.log.gz"} if step is ARCHIVE else set() if step is DELETE else left.keys())
    assert len(left) == (0 if step is DELETE else 1)


@pytest.mark.parametrize("step", [ARCHIVE, DELETE], ids=["archive", "delete"])
def test_many_files_and_many_deaths_leave_each_file_archived_once(place: Place, step: dict[str, Any]) -> None:
    names = [f"d{number % 4}/row-{number}.log" for number in range(80)]
    place.write(*names)
    for nth, point in enumerate(ACTION_POINTS * 2, start=3):
        with EdgeProcess(settings_of(place, step, kill_at=f"{point}:{nth}")) as process:
            assert process.await_death() == -9
    with running_edge(settings_of(place, step)) as edge:
        until_done(edge, len(names))
    sent = {name: (place.objects / name).read_bytes() for name in place.stored()}
    assert sent == {name: name.encode() for name in names}
    wanted = {f"{name}.gz": name.encode() for name in names} if step is ARCHIVE else {}
    assert archived(place) == wanted
    assert set(hashes_below(place.tree)) == {f".gwf-archive/{name}" for name in wanted}
    assert states(place) == {"done": len(names)}


def test_events_that_actions_have_not_read_are_not_cleared(place: Place) -> None:
    place.write("a.log")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
    with closing(sqlite3.connect(place.data / "journal.db")) as journal:
        assert journal.execute("SELECT value FROM facts WHERE name='actions_read'").fetchone() == ("0",)
        journal.execute("UPDATE facts SET value='1' WHERE name='actions_read'")
        journal.execute(PURGE_EVENTS, (0, 1000))
        assert journal.execute("SELECT min(seq) FROM outbox").fetchone()[0] == 2


def test_a_book_that_was_taken_away_holds_no_events_back(place: Place) -> None:
    place.write("a.log")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
    for path in place.data.glob(f"{FILE_NAME}*"):
        path.unlink()
    with running_edge(settings_of(place)):
        pass
    with closing(sqlite3.connect(place.data / "journal.db")) as journal:
        journal.execute(PURGE_EVENTS, (0, 1000))
        assert journal.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_a_damaged_book_is_set_aside(place: Place) -> None:
    (place.data / FILE_NAME).write_bytes(b"no database at all" * 100)
    place.write("a.log")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
    assert (place.data / f"{FILE_NAME}.damaged-1").exists()


def test_names_that_are_no_text_are_kept_as_they_are(place: Place) -> None:
    path = os.fsencode(place.tree) + b"/bad-\xff.log"
    Path(os.fsdecode(path)).write_bytes(b"x")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
    assert os.listdir(os.fsencode(place.tree) + b"/.gwf-archive") == [b"bad-\xff.log.gz"]


def test_the_history_of_the_file_tells_of_it(place: Place) -> None:
    place.write("a.log")
    with running_edge(settings_of(place, ARCHIVE)) as edge:
        until_done(edge, 1)
    with closing(open_admin(place.data)) as journal:
        history = journal.history(1)
    assert [entry["kind"] for entry in history] == ["file.done", "file.archived"]
    assert json.dumps(history[-1]["where"]).endswith('.gwf-archive/a.log.gz"')


def test_a_step_whose_undoing_was_cut_off_is_not_done_again(place: Place) -> None:
    place.write("a.log")
    settings = settings_of(place, {"archive": {"compress": "none"}})
    with running_edge(settings) as edge:
        until_done(edge, 1)
    with closing(ActionBook(place.data, SystemClock())) as book:
        book._owner = "999999999:0.00"  # of a process that is gone
        book.claim_one(1, (RunState.DONE,), undoing=True)
    os.rename(place.tree / ".gwf-archive/a.log", place.tree / "a.log")
    with running_edge(settings) as edge:
        until(edge.input.first_pass_handed_on)
        stays((place.tree / "a.log").exists, for_s=0.3)
    assert states(place) == {"done": 1}
