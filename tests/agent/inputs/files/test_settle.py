from __future__ import annotations

from pathlib import Path

import pytest

from gwf.agent.inputs.files.lease import Probe, Verdict
from gwf.agent.inputs.files.settle import MAX_RECHECK_S, SettleTable
from gwf.agent.inputs.files.tree import WatchedTree
from tests.agent.trees import make_tree

PATH = b"/w/a"
OLD_NS = 10**18
NOW_NS = OLD_NS + 3600 * 10**9


@pytest.fixture
def table() -> SettleTable:
    return SettleTable()


@pytest.fixture
def tree(tmp_path: Path) -> WatchedTree:
    return make_tree(tmp_path, settle=1, silence=10)


def due(table: SettleTable, now_s: float) -> list[bytes]:
    return [entry.path for entry in table.take_due(now_s, 100)]


def look(table: SettleTable, now_s: float, verdict: Verdict, *, version: int = 1, mtime_ns: int = OLD_NS) -> bool:
    (entry,) = table.take_due(now_s, 100)
    done = table.judge(entry, Probe(verdict, 1, version, mtime_ns), now_s, NOW_NS)
    if done:
        table.settled(entry, now_s)
    return done


def test_a_file_is_due_when_its_quiet_time_is_over_and_not_before(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 100.0, closed=True)
    assert due(table, 100.9) == []
    assert due(table, 101.0) == [PATH]


def test_a_file_taken_is_not_given_twice(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert due(table, 1.0) == [PATH]
    assert due(table, 9.0) == []
    assert PATH in table


def test_each_write_starts_the_quiet_time_anew(table: SettleTable, tree: WatchedTree) -> None:
    for second in range(10):
        table.written(PATH, tree, second * 0.9, closed=False)
        assert due(table, second * 0.9 + 0.8) == []
    assert due(table, 9.1) == [PATH]


def test_a_free_file_written_once_is_finished_after_the_short_time(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE)
    assert len(table) == 0


def test_a_busy_file_is_asked_less_and_less_often(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=False)
    now_s, waits = 1.0, []
    for _ in range(8):
        assert not look(table, now_s, Verdict.BUSY)
        next_s = table.next_due_s()
        assert next_s is not None
        waits.append(next_s - now_s)
        now_s = next_s
    assert waits == sorted(waits)
    assert waits[-1] == MAX_RECHECK_S


def test_the_close_of_a_busy_file_is_heeded_at_once(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=False)
    for now_s in (1.0, 31.0, 61.0, 91.0):
        assert not look(table, now_s, Verdict.BUSY)
    table.written(PATH, tree, 92.0, closed=True)
    assert look(table, 93.0, Verdict.FREE)


def test_a_file_opened_again_after_a_close_waits_for_silence(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    table.written(PATH, tree, 0.5, closed=True)
    assert due(table, 10.4) == []
    assert look(table, 10.5, Verdict.FREE)


def test_a_writer_who_comes_back_soon_is_recognised(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE)
    table.written(PATH, tree, 15.0, closed=True)
    assert due(table, 24.9) == []
    assert due(table, 25.0) == [PATH]


def test_a_writer_who_comes_back_late_is_new_again(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE)
    table.written(PATH, tree, 22.0, closed=True)
    assert due(table, 23.0) == [PATH]


def test_a_long_silence_window_keeps_its_memory_that_long(table: SettleTable, tmp_path: Path) -> None:
    tree = make_tree(tmp_path, settle=1, silence=100)
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE)
    table.forget_recent(90.0)
    table.written(PATH, tree, 90.0, closed=True)
    assert due(table, 189.0) == []


def test_memories_are_dropped_in_the_end(table: SettleTable, tree: WatchedTree) -> None:
    for number in range(100):
        table.written(b"/w/%d" % number, tree, 0.0, closed=True)
    for entry in table.take_due(1.0, 1000):
        table.settled(entry, 1.0)
    table.forget_recent(10_000.0)
    assert not table._recent


def test_a_file_that_was_deleted_is_no_returning_writer(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE)
    table.gone(PATH)
    table.written(PATH, tree, 2.0, closed=True)
    assert due(table, 3.0) == [PATH]


def test_a_deleted_file_is_never_due_and_its_successor_only_once(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert table.gone(PATH) is not None
    assert due(table, 50.0) == []
    table.written(PATH, tree, 50.0, closed=True)
    table.gone(PATH)
    table.written(PATH, tree, 50.0, closed=True)
    assert due(table, 51.0) == [PATH]


def test_where_the_kernel_cannot_be_asked_silence_decides(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert not look(table, 1.0, Verdict.UNKNOWN, mtime_ns=NOW_NS)
    assert due(table, 10.9) == []
    assert look(table, 11.0, Verdict.UNKNOWN, mtime_ns=NOW_NS)


def test_a_file_that_changes_between_two_looks_waits_again(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    for number, now_s in enumerate((1.0, 11.0, 21.0, 31.0)):
        assert not look(table, now_s, Verdict.UNKNOWN, version=number, mtime_ns=NOW_NS)
    assert look(table, 41.0, Verdict.UNKNOWN, version=3, mtime_ns=NOW_NS)


def test_an_old_file_found_by_a_walk_is_looked_at_at_once(table: SettleTable, tree: WatchedTree) -> None:
    table.found(PATH, tree, 0.0, age_s=500.0)
    assert look(table, 0.0, Verdict.FREE)


@pytest.mark.parametrize(("age_s", "due_s"), [(4.0, 6.0), (0.0, 10.0), (-100.0, 10.0), (-1e9, 10.0)])
def test_a_young_file_found_by_a_walk_waits_for_silence_and_no_longer(
    table: SettleTable, tree: WatchedTree, age_s: float, due_s: float
) -> None:
    table.found(PATH, tree, 0.0, age_s=age_s)
    assert due(table, due_s - 0.1) == []
    assert due(table, due_s) == [PATH]


def test_a_walk_does_not_disturb_a_file_that_is_settling(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    table.found(PATH, tree, 0.5, age_s=500.0)
    assert due(table, 0.9) == []
    assert due(table, 1.0) == [PATH]


@pytest.mark.parametrize("age_ns", [0, 5_000_000, -900_000])
def test_a_file_stamped_just_now_is_looked_at_twice(table: SettleTable, tree: WatchedTree, age_ns: int) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert not look(table, 1.0, Verdict.FREE, mtime_ns=NOW_NS - age_ns)
    assert look(table, 1.1, Verdict.FREE, mtime_ns=NOW_NS - age_ns)


def test_a_file_from_the_future_is_finished_all_the_same(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert look(table, 1.0, Verdict.FREE, mtime_ns=NOW_NS + 10**15)


def test_a_file_from_the_future_is_finished_by_silence_too(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    assert not look(table, 1.0, Verdict.UNKNOWN, mtime_ns=NOW_NS + 10**15)
    assert look(table, 11.0, Verdict.UNKNOWN, mtime_ns=NOW_NS + 10**15)


def test_a_jump_of_the_wall_clock_does_not_make_a_growing_file_finished(table: SettleTable, tree: WatchedTree) -> None:
    table.found(PATH, tree, 0.0, age_s=9999.0)
    assert not look(table, 0.0, Verdict.UNKNOWN, version=1)
    assert not look(table, 10.0, Verdict.UNKNOWN, version=2)


def test_finish_by_silence_never_uses_the_short_time(table: SettleTable, tmp_path: Path) -> None:
    table.written(PATH, make_tree(tmp_path, settle=0, silence=10, finish="silence"), 0.0, closed=True)
    assert due(table, 9.9) == []
    assert due(table, 10.0) == [PATH]


def test_a_limit_leaves_the_rest_for_the_next_call(table: SettleTable, tree: WatchedTree) -> None:
    for number in range(10):
        table.written(b"/w/%d" % number, tree, 0.0, closed=True)
    taken = [len(table.take_due(5.0, 4)) for _ in range(4)]
    assert taken == [4, 4, 2, 0]


def test_a_postponed_file_comes_back(table: SettleTable, tree: WatchedTree) -> None:
    table.written(PATH, tree, 0.0, closed=True)
    (entry,) = table.take_due(1.0, 10)
    table.postpone(entry, 2.0)
    assert due(table, 1.9) == []
    assert due(table, 2.0) == [PATH]


def test_the_table_says_when_it_is_full(tree: WatchedTree) -> None:
    table = SettleTable(max_files=2)
    table.written(b"/w/1", tree, 0.0, closed=True)
    assert not table.full()
    table.written(b"/w/2", tree, 0.0, closed=True)
    assert table.full()
    table.gone(b"/w/1")
    assert not table.full()


def test_files_that_come_and_go_leave_nothing_behind(table: SettleTable, tmp_path: Path) -> None:
    tree = make_tree(tmp_path, finish="silence", silence=3600)
    for number in range(20_000):
        table.written(b"/w/%d" % number, tree, number * 0.01, closed=True)
        table.gone(b"/w/%d" % number)
    assert len(table._heap) < 5000


def test_endless_writes_to_one_file_leave_nothing_behind(table: SettleTable, tree: WatchedTree) -> None:
    for number in range(20_000):
        table.written(PATH, tree, number * 0.01, closed=number % 2 == 0)
        due(table, number * 0.01)
    assert len(table._heap) < 5000
