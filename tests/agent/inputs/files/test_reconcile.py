from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.inputs.files import compare
from gwf.agent.inputs.files.compare import DirectoryComparer
from gwf.agent.inputs.files.reconcile import Reconciler
from gwf.agent.inputs.files.tree import TreeState, WatchedTree
from gwf.agent.journal.index import JournalIndex
from gwf.agent.model import FileStatus, Result
from gwf.agent.ports import KnownFile
from tests.agent.journal.rig import Rig
from tests.agent.trees import make_tree


class Walks:
    """Walks of one or more trees, one at a time, against a real journal."""

    def __init__(self, rig: Rig, *trees: WatchedTree) -> None:
        self.rig = rig
        self.trees = trees
        self.watched: list[bytes] = []
        self.on_watch: Callable[[bytes], None] = lambda _: None
        self.index = CountingIndex(rig.index())
        self.reconciler = Reconciler(
            trees,
            open_index=rig.index,
            intake=rig.journal,
            watch=self._watch,
            wake=lambda: None,
            clock=rig.clock,
            interval_s=600,
        )
        roots = {tree.root for tree in trees}
        self.comparer = DirectoryComparer(
            self.index, rig.journal, self.reconciler._note_found, other_roots=lambda path: path in roots
        )

    def walk(self, *, enqueue: bool = True) -> list[str]:
        """Walk everything; return the paths found, below their roots, and write them to the journal."""
        self.reconciler.request_all()
        self.reconciler._walk_due(self.index, self.comparer)
        found = []
        while chunk := self.reconciler.take_found():
            found += chunk
        if enqueue:
            self.rig.journal.enqueue([tree.candidate(path, *version) for tree, path, *version in found])
        self.rig.step()
        return sorted(os.fsdecode(path.removeprefix(tree.root + b"/")) for tree, path, *_ in found)

    def finish_all(self) -> None:
        for work in list(self.rig.hands.held):
            self.rig.report(work)
        self.rig.step()

    def _watch(self, tree: WatchedTree, directory: bytes) -> bool:
        self.watched.append(directory)
        self.on_watch(directory)
        return True


class CountingIndex:
    """An index that counts how often rows are loaded."""

    def __init__(self, index: JournalIndex) -> None:
        self._index = index
        self.loads = 0

    def versions(self, directory_id: int, names: Any) -> dict[bytes, tuple[int, int, int]]:
        self.loads += 1
        return self._index.versions(directory_id, names)

    def rows(self, directory_id: int) -> Iterable[list[KnownFile]]:
        self.loads += 1
        return self._index.rows(directory_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    (tmp_path / "data").mkdir()
    made = Rig(tmp_path / "data")
    made.hands.capacity["default"] = 100_000
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "w"
    path.mkdir()
    return path


@pytest.fixture
def walks(rig: Rig, root: Path) -> Iterator[Walks]:
    made = Walks(rig, make_tree(root))
    yield made
    made.index.close()


def write(root: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def test_a_walk_finds_what_is_new_and_nothing_twice(walks: Walks, root: Path) -> None:
    write(root, "a", "d/b", "d/e/c")
    assert walks.walk() == ["a", "d/b", "d/e/c"]
    assert walks.walk() == []


def test_what_was_found_but_not_written_down_is_found_again(walks: Walks, root: Path) -> None:
    write(root, "a")
    assert walks.walk(enqueue=False) == ["a"]
    assert walks.walk() == ["a"]


def test_changed_and_replaced_files_are_found(walks: Walks, root: Path) -> None:
    write(root, "grown", "touched", "replaced", "same")
    walks.walk()
    write(root, "grown", content=b"xx")
    os.utime(root / "touched", (5, 5))
    write(root, "new")
    status = (root / "replaced").stat()
    os.utime(root / "new", ns=(status.st_mtime_ns, status.st_mtime_ns))
    os.rename(root / "new", root / "replaced")
    assert walks.walk() == ["grown", "replaced", "touched"]


def test_an_unchanged_directory_loads_no_rows(walks: Walks, root: Path) -> None:
    write(root, *(f"d/{number}" for number in range(20)))
    for _ in range(3):
        walks.walk()
    walks.index.loads = 0
    walks.walk()
    assert walks.index.loads == 0


def test_one_changed_file_in_a_known_directory_is_still_found(walks: Walks, root: Path) -> None:
    write(root, *(f"d/{number}" for number in range(20)))
    for _ in range(3):
        walks.walk()
    os.utime(root / "d" / "7", (5, 5))
    assert walks.walk() == ["d/7"]


def test_deleted_files_are_noted_waiting_ones_as_vanished(walks: Walks, root: Path, rig: Rig) -> None:
    write(root, "sent", "d/sent-too")
    walks.walk()
    walks.finish_all()
    rig.hands.capacity["default"] = 0
    write(root, "waits")
    walks.walk()
    for name in ("sent", "waits"):
        (root / name).unlink()
    shutil.rmtree(root / "d")
    walks.walk()
    assert rig.states() == {"sent": FileStatus.DONE, "sent-too": FileStatus.DONE, "waits": FileStatus.VANISHED}
    assert all(gone for (gone,) in rig.rows("gone_at_ms"))


def test_a_file_that_vanished_and_came_back_unchanged_while_nobody_looked_is_sent(
    walks: Walks, root: Path, rig: Rig, tmp_path: Path
) -> None:
    write(root, "a", "b")
    walks.walk()
    walks.walk()
    os.rename(root / "a", tmp_path / "aside")
    rig.end("a", Result.VANISHED)
    os.rename(tmp_path / "aside", root / "a")
    assert walks.walk() == ["a"]
    assert rig.states()["a"] is FileStatus.SENDING


def test_a_version_given_up_as_changed_is_found_again_even_when_it_looks_the_same(
    walks: Walks, root: Path, rig: Rig
) -> None:
    write(root, "a", "b")
    walks.walk()
    walks.walk()
    rig.end("a", Result.CHANGED)
    assert walks.walk() == ["a"]


def test_a_directory_that_may_not_be_read_for_a_while_loses_nothing(walks: Walks, root: Path, rig: Rig) -> None:
    rig.hands.capacity["default"] = 0
    write(root, "d/a", "d/sub/b", "c")
    for _ in range(3):
        walks.walk()

    def refuse(directory: bytes) -> None:
        if directory.endswith(b"/d"):
            raise PermissionError(13, "Permission denied", directory)

    walks.on_watch = refuse
    walks.walk()
    assert walks.trees[0].facts.unreadable == 1
    assert set(rig.states().values()) == {FileStatus.READY}
    walks.on_watch = lambda _: None
    walks.walk()
    rig.hands.capacity["default"] = 100
    rig.step()
    assert len(rig.hands.held) == 3


def test_a_directory_larger_than_memory_allows_is_compared_all_the_same(
    walks: Walks, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "MAX_HELD", 50)
    names = sorted(f"f{number:04d}" for number in range(1203))
    write(root, *names)
    assert walks.walk() == names
    assert walks.walk() == []
    os.utime(root / "f0700", (5, 5))
    assert walks.walk() == ["f0700"]


def test_a_missing_root_is_said_to_be_missing_and_marks_nothing_as_gone(walks: Walks, root: Path, rig: Rig) -> None:
    write(root, "a")
    walks.walk()
    os.rename(root, root.parent / "away")
    assert walks.walk() == []
    assert walks.trees[0].facts.state is TreeState.MISSING
    assert rig.rows("gone_at_ms") == [(None,)]
    os.rename(root.parent / "away", root)
    walks.reconciler._walk_due(walks.index, walks.comparer)
    assert walks.trees[0].facts.state.value == "watching"


def test_a_root_removed_and_made_anew_during_the_walk_is_walked_again_soon(walks: Walks, root: Path) -> None:
    write(root, "d/a")

    def replace(directory: bytes) -> None:
        if directory.endswith(b"/d"):
            walks.on_watch = lambda _: None
            shutil.rmtree(root)
            write(root, "late")
            walks.trees[0].facts.state = TreeState.MISSING  # as the event thread says

    walks.on_watch = replace
    walks.walk()
    walks.rig.clock.advance(5)
    walks.reconciler._walk_due(walks.index, walks.comparer)
    assert [path for _, path, *_ in walks.reconciler.take_found()] == [bytes(root / "late")]


def test_every_directory_is_watched_before_it_is_read(walks: Walks, root: Path) -> None:
    write(root, "d/a")
    walks.on_watch = lambda directory: write(root, "d/just-before") if directory.endswith(b"/d") else None
    assert walks.walk() == ["d/a", "d/just-before"]
    assert set(walks.watched) == {bytes(root), bytes(root / "d")}


def test_a_nested_root_is_left_to_its_own_tree(rig: Rig, root: Path) -> None:
    write(root, "a", "in/b", "in/deep/c")
    walks = Walks(rig, make_tree(root), make_tree(root / "in", index=1))
    assert walks.walk() == ["a", "b", "deep/c"]
    shutil.rmtree(root / "in" / "deep")
    assert walks.walk() == []
    walks.index.close()


def test_links_to_themselves_do_not_hide_the_files_beside_them(rig: Rig, root: Path) -> None:
    write(root, "a", "d/b")
    os.symlink("itself", root / "itself")
    os.symlink(root, root / "d" / "loop")
    walks = Walks(rig, make_tree(root, follow_symlinks=True))
    assert walks.walk() == ["a", "d/b"]
    walks.index.close()


def test_a_directory_that_became_a_file_is_found_as_a_file(walks: Walks, root: Path, rig: Rig) -> None:
    write(root, "x/a")
    walks.walk()
    shutil.rmtree(root / "x")
    write(root, "x")
    assert walks.walk() == ["x"]
    assert rig.rows("gone_at_ms IS NOT NULL", "name=x'61'") == [(1,)]


def test_files_excluded_by_a_new_configuration_are_not_taken_for_deleted(rig: Rig, root: Path) -> None:
    write(root, "a.log", "cache/b.log")
    walks = Walks(rig, make_tree(root))
    walks.walk()
    narrow = Walks(rig, make_tree(root, suffixes=[".txt"], exclude=["cache"]))
    assert narrow.walk() == []
    assert rig.rows("gone_at_ms") == [(None,), (None,)]
    for made in (walks, narrow):
        made.index.close()


def test_numbers_beyond_a_signed_word_are_compared_as_they_are_kept(walks: Walks, root: Path, rig: Rig) -> None:
    write(root, "far-future")
    far_ns = 13_569_465_600 * 10**9
    os.utime(root / "far-future", ns=(far_ns, far_ns))
    if (root / "far-future").stat().st_mtime_ns != far_ns:
        pytest.skip("this file system keeps no such time")
    assert walks.walk() == ["far-future"]
    assert walks.walk() == []
    assert rig.states() == {"far-future": FileStatus.SENDING}
