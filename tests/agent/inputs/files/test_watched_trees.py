from __future__ import annotations

import os
import shutil
import struct
from contextlib import ExitStack
from pathlib import Path

import pytest

from gwf.agent.inputs.files.inotify import IN_Q_OVERFLOW
from gwf.agent.inputs.files.tree import TreeState
from tests.agent.inputs.files.watching import QUICK, make_files, small_event_queue, watching
from tests.agent.trees import make_tree
from tests.agent.waiting import stays, until


def test_events_lost_by_the_kernel_are_replaced_by_a_walk(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, **QUICK)) as seen:
        assert seen.input._reader is not None
        seen.input._reader._buffers.append(struct.pack("iIII", -1, IN_Q_OVERFLOW, 0, 0))
        seen.input._wake.set()
        until(lambda: seen.input.facts().overflows_total == 1)


def test_a_queue_that_overflows_for_real_loses_no_file(root: Path, data: Path) -> None:
    with ExitStack() as stack:
        with small_event_queue():  # the kernel looks at its limit when a watcher is opened
            seen = stack.enter_context(watching(data, make_tree(root, **QUICK)))
        expected = {root / name for name in make_files(root, 800)}
        for more in (root / f"more{number}" for number in range(25)):
            if seen.input.facts().overflows_total:
                break  # a reader on a quiet machine keeps up for a while
            expected |= {more / name for name in make_files(more, 800)}
        seen.await_paths(expected, within_s=60.0)
        until(lambda: seen.input.facts().overflows_total > 0)


def test_a_missing_directory_is_watched_as_soon_as_it_is_there(root: Path, data: Path) -> None:
    tree = make_tree(root / "later", **QUICK)
    with watching(data, tree) as seen:
        assert tree.facts.state is TreeState.MISSING
        make_files(root / "later", 3)
        until(lambda: len(seen.hands.ever) == 3)
        until(lambda: tree.facts.state is TreeState.WATCHING)


def test_a_root_deleted_and_made_again_is_watched_again(root: Path, data: Path) -> None:
    tree = make_tree(root, **QUICK)
    with watching(data, tree) as seen:
        make_files(root, 2)
        until(lambda: len(seen.hands.ever) == 2)
        seen.finish_all()
        shutil.rmtree(root)
        until(lambda: tree.facts.state is TreeState.MISSING)
        make_files(root, 4)
        until(lambda: len(seen.hands.ever) == 6)
        until(lambda: tree.facts.state is TreeState.WATCHING)
        (root / "later").write_bytes(b"x")
        until(lambda: os.fsencode(root / "later") in seen.paths())


def test_a_root_moved_away_is_missing_and_its_files_are_left_alone(root: Path, data: Path, tmp_path: Path) -> None:
    tree = make_tree(root, **QUICK)
    with watching(data, tree) as seen:
        os.rename(root, tmp_path / "elsewhere")
        until(lambda: tree.facts.state is TreeState.MISSING)
        (tmp_path / "elsewhere" / "a").write_bytes(b"x")
        make_files(root, 1)
        seen.await_paths({root / "0"})


@pytest.mark.parametrize("there_at_start", [True, False])
def test_files_of_a_nested_root_belong_to_the_inner_tree_alone(root: Path, data: Path, there_at_start: bool) -> None:
    inner = root / "in" / "ner"
    if there_at_start:
        make_files(inner, 1)
    outer_tree = make_tree(root, store="outer", **QUICK)
    inner_tree = make_tree(inner, index=1, store="inner", **QUICK)
    with watching(data, outer_tree, inner_tree) as seen:
        make_files(inner / "deep", 3)
        make_files(root / "in", 2)
        expected = {"outer": 2, "inner": 4 if there_at_start else 3}
        until(lambda: len(seen.hands.ever) >= sum(expected.values()))
        seen.await_quiet()
    stores = [work.store for work in seen.hands.ever]
    assert {store: stores.count(store) for store in expected} == expected
    assert all((b"/in/ner/" in work.path) == (work.store == "inner") for work in seen.hands.ever)


def test_links_are_followed_only_where_they_stay_inside(root: Path, data: Path, tmp_path: Path) -> None:
    make_files(tmp_path / "secret", 2)
    make_files(root / "real", 1)
    (root / "plain").write_bytes(b"x")
    with watching(data, make_tree(root, follow_symlinks=True, **QUICK)) as seen:
        os.symlink(tmp_path / "secret", root / "out")
        os.symlink(tmp_path / "secret" / "0", root / "out-file")
        os.symlink("itself", root / "itself")
        os.symlink(root, root / "real" / "loop")
        os.symlink(root / "plain", root / "linked")
        until(lambda: os.fsencode(root / "linked") in seen.paths())
        seen.await_quiet()
    assert sorted(seen.paths()) == sorted(map(os.fsencode, [root / "plain", root / "linked", root / "real" / "0"]))


def test_links_and_loops_found_by_a_walk_hide_no_file_and_double_none(root: Path, data: Path, tmp_path: Path) -> None:
    make_files(tmp_path / "secret", 2)
    make_files(root / "real", 2)
    os.symlink("itself", root / "itself")
    os.symlink(root, root / "real" / "loop")
    os.symlink(tmp_path / "secret", root / "out")
    os.symlink(tmp_path / "secret" / "0", root / "out-file")
    (root / "plain").write_bytes(b"x")
    with watching(data, make_tree(root, follow_symlinks=True, **QUICK)) as seen:
        until(lambda: len(seen.hands.ever) >= 3)
        seen.await_quiet()
    assert sorted(seen.paths()) == sorted(map(os.fsencode, [root / "plain", root / "real" / "0", root / "real" / "1"]))


def test_what_lay_there_before_the_first_start_can_be_skipped_but_nothing_later(
    root: Path, data: Path, tmp_path: Path
) -> None:
    make_files(root, 3)
    (tmp_path / "old").write_bytes(b"x")
    os.utime(tmp_path / "old", (1000, 1000))
    with watching(data, make_tree(root, existing="skip", **QUICK)) as seen:
        (root / "fresh").write_bytes(b"x")
        seen.await_paths({root / "fresh"})
        os.rename(tmp_path / "old", root / "moved-in")
        seen.input._reconciler.request_all()
        until(lambda: os.fsencode(root / "moved-in") in seen.paths())
    (root / "while-down").write_bytes(b"x")
    os.utime(root / "while-down", (1000, 1000))
    with watching(data, make_tree(root, existing="skip", **QUICK)) as seen:
        until(lambda: os.fsencode(root / "while-down") in seen.paths())


def test_files_written_while_nobody_watched_are_found_at_the_next_start(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, **QUICK)) as seen:
        make_files(root, 3)
        until(lambda: len(seen.hands.ever) == 3)
        seen.finish_all()
    make_files(root / "new", 100)
    (root / "0").write_bytes(b"changed")
    with watching(data, make_tree(root, **QUICK)) as seen:
        until(lambda: len(seen.hands.ever) == 101)
        seen.await_quiet()
    assert len(seen.hands.ever) == 101


def test_reading_pauses_while_the_journal_may_not_grow_and_goes_on_afterwards(root: Path, data: Path) -> None:
    allowed: list[bool] = []
    with watching(data, make_tree(root, **QUICK), admits=lambda: bool(allowed)) as seen:
        make_files(root / "d", 20)
        stays(lambda: not seen.hands.ever, for_s=0.4)
        allowed.append(True)
        until(lambda: len(seen.hands.ever) == 20)


def test_an_error_in_one_turn_does_not_end_the_watching(root: Path, data: Path) -> None:
    failures = [OSError("data directory is away"), RuntimeError("a bug")]

    def admits() -> bool:
        if failures:
            raise failures.pop()
        return True

    with watching(data, make_tree(root, **QUICK), admits=admits) as seen:
        (root / "a").write_bytes(b"x")
        seen.await_paths({root / "a"})
        assert seen.input.facts().crashes_total == 2


def test_a_system_without_notices_finds_files_by_walking(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, **QUICK), use_inotify=False, interval_s=1.0) as seen:
        make_files(root / "d", 5)
        until(lambda: len(seen.hands.ever) == 5)
