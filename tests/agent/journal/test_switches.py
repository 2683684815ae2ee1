"""Switches that keep files from being sent by themselves, and orders that send one all the same."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.journal import schema, switches
from gwf.agent.journal.switches import HELD, AutoSwitches
from gwf.agent.model import FileStatus, Result
from gwf.core.errors import UnavailableError
from tests.agent.journal.rig import Rig


def say(rig: Rig, call: Callable[[], None]) -> None:
    """Make a call that returns when it is written, and write."""
    caller = threading.Thread(target=call)
    caller.start()
    while caller.is_alive():
        rig.step()
        caller.join(0.005)


def switch(rig: Rig, path: str, *, enabled: bool, whole: bool = True) -> None:
    say(rig, lambda: rig.journal.desk.put(rig.tree.root + path.encode(), enabled=enabled, whole=whole, author="me"))


def order(rig: Rig, name: str, version: int = 1) -> None:
    say(rig, lambda: rig.journal.desk.order(rig.candidate(name, version=version), author="me"))


def reasons(rig: Rig) -> dict[str, str | None]:
    return {name.decode(): reason for name, reason in rig.rows("name, reason")}


TABLE = AutoSwitches({b"/a": False, b"/a/b": True, b"/a/b/c.log": False, b"/x": True})


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (b"/a", False), (b"/a/other", False), (b"/ab", True), (b"/a/b", True), (b"/a/b/c.log", False),
        (b"/a/b/c.log2", True), (b"/a/b/deep/er", True), (b"/", True), (b"/x/y", True), (b"relative", True),
    ],
)  # fmt: skip
def test_the_path_itself_then_the_nearest_directory_above_decides(path: bytes, allowed: bool) -> None:
    assert TABLE.allows(path) is allowed


def test_the_top_can_be_switched_off() -> None:
    assert not AutoSwitches({b"/": False}).allows(b"/a/b")


def test_a_directory_forgets_the_switches_below_it() -> None:
    table = AutoSwitches({b"/a/b": True, b"/a/b/c": False, b"/ab": False})
    table.put(b"/a", enabled=False, whole=True)
    assert not table.allows(b"/a/b/c")
    assert dict(table.table) == {b"/a": False, b"/ab": False}


paths = st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=4).map(lambda parts: b"/" + b"/".join(parts))


@given(st.dictionaries(paths, st.booleans(), max_size=6), paths)
def test_a_lookup_is_the_longest_switch_that_holds_the_path(table: dict[bytes, bool], path: bytes) -> None:
    holding = [item for item in table if path == item or path.startswith(item.rstrip(b"/") + b"/")]
    expected = table[max(holding, key=len)] if holding else True
    assert AutoSwitches(table).allows(path) is expected


def test_a_finished_file_below_a_switched_off_path_waits_for_a_person(rig: Rig) -> None:
    switch(rig, "", enabled=False)
    rig.put("a")
    assert (rig.states(), reasons(rig)) == ({"a": FileStatus.SKIPPED}, {"a": HELD})
    assert not rig.hands.held


def test_a_switch_outlives_the_process(rig: Rig) -> None:
    switch(rig, "/a", enabled=False, whole=False)
    rig.crash()
    rig.put("a", "b")
    assert rig.states() == {"a": FileStatus.SKIPPED, "b": FileStatus.SENDING}


def test_a_newer_version_is_sent_once_the_path_is_on_again(rig: Rig) -> None:
    switch(rig, "", enabled=False)
    rig.put("a")
    switch(rig, "", enabled=True)
    rig.put("a")
    assert rig.states() == {"a": FileStatus.SKIPPED}
    rig.put("a", version=2)
    assert rig.states() == {"a": FileStatus.SENDING}


def test_a_queued_file_is_held_when_a_worker_takes_it(rig: Rig) -> None:
    rig.put("a")
    work = rig.work("a")
    assert rig.journal.desk.may_send(work)
    switch(rig, "", enabled=False)
    assert not rig.journal.desk.may_send(work)
    rig.end("a", Result.HELD)
    assert (rig.states(), reasons(rig)) == ({"a": FileStatus.SKIPPED}, {"a": HELD})
    assert rig.events() == [("switch.set", None), ("file.skipped", 1)]


def test_an_order_sends_a_file_whose_path_is_off(rig: Rig) -> None:
    switch(rig, "", enabled=False)
    rig.put("a")
    order(rig, "a")
    work = rig.work("a")
    assert rig.journal.desk.may_send(work)
    rig.end("a")
    assert rig.states() == {"a": FileStatus.DONE}
    assert not rig.journal.desk.may_send(work)


def test_an_order_sends_a_known_file_again(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    order(rig, "a")
    assert (rig.work("a").gen, rig.work("a").known_sha256) == (2, None)


def test_an_order_for_a_file_being_sent_sends_it_once_more_after_that(rig: Rig) -> None:
    rig.put("a")
    order(rig, "a")
    assert rig.states() == {"a": FileStatus.DIRTY}
    switch(rig, "", enabled=False)
    rig.end("a")
    rig.step()
    assert rig.journal.desk.may_send(rig.work("a"))


def test_an_order_outlives_the_process_and_a_failure(rig: Rig) -> None:
    switch(rig, "", enabled=False)
    order(rig, "a")
    rig.crash()
    rig.step()
    assert rig.journal.desk.may_send(rig.work("a"))
    rig.end("a", Result.FAILED)
    rig.step(advance_s=5.0)
    assert rig.journal.desk.may_send(rig.work("a"))


def test_the_history_tells_which_file_a_person_asked_for(rig: Rig) -> None:
    order(rig, "a")
    rig.put("b")
    rig.end("a")
    rig.end("b")
    connection = sqlite3.connect(rig.path)
    rows = connection.execute(
        "SELECT json_extract(body, '$.ordered') FROM outbox WHERE kind='file.done' ORDER BY seq"
    ).fetchall()
    left = connection.execute("SELECT count(*) FROM orders").fetchone()
    connection.close()
    assert (rows, left) == ([(1,), (None,)], (0,))


def test_a_newer_version_is_not_covered_by_the_order(rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    order(rig, "a")
    switch(rig, "", enabled=False)
    rig.put("a", version=2)
    assert rig.states() == {"a": FileStatus.SKIPPED}


def test_an_order_that_nothing_waits_for_is_forgotten(rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    order(rig, "a")
    order(rig, "b")
    rig.put("a", version=2)
    rig.step(advance_s=31.0)
    connection = sqlite3.connect(rig.path)
    assert connection.execute("SELECT count(*) FROM orders").fetchone() == (1,)
    connection.close()


def test_orders_are_forgotten_in_memory_too(rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    order(rig, "a")
    order(rig, "b")
    rig.put("a", version=2)
    rig.step(advance_s=31.0)
    assert len(rig.journal._memory.orders) == 1


def test_an_order_for_the_newer_version_stays_when_the_older_ones_is_forgotten(rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    order(rig, "a")
    rig.put("a", version=2)
    rig.clock.advance(31.0)
    order(rig, "a", version=3)
    rig.hands.capacity["default"] = 1
    rig.step()
    switch(rig, "", enabled=False)
    assert rig.journal.desk.may_send(rig.work("a"))


def test_a_call_that_the_journal_does_not_take_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "WAIT_S", 0.01)
    with pytest.raises(UnavailableError):
        rig.journal.desk.put(b"/a", enabled=False, whole=False, author="me")


def test_a_journal_of_the_first_release_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    old.executescript(schema._FIRST + "INSERT INTO facts VALUES ('kept', 'yes'); PRAGMA user_version=1;")
    old.close()
    connection = schema.open_for_writing(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA_VERSION,)
    assert connection.execute("SELECT value FROM facts").fetchone() == ("yes",)
    assert connection.execute("SELECT count(*) FROM switches").fetchone() == (0,)
    connection.close()
