from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from gwf.agent.inputs.files import inotify
from gwf.agent.inputs.files.inotify import IN_Q_OVERFLOW, Inotify, parse_events
from gwf.agent.inputs.files.tree import TreeState
from tests.agent.inputs.files.watching import Watching, watching
from tests.agent.trees import make_tree
from tests.agent.waiting import stays, until

QUICK = {"settle": 0.05, "silence": 0.4}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "watched"
    path.mkdir()
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture
def seen(root: Path, data: Path) -> Generator[Watching]:
    with watching(data, make_tree(root, **QUICK)) as running:
        yield running


def test_a_file_written_once_is_found_once(seen: Watching, root: Path) -> None:
    (root / "a").write_bytes(b"x")
    seen.await_paths({root / "a"})
    work = seen.hands.ever[0]
    assert (work.size_bytes, work.ino) == (1, (root / "a").stat().st_ino)


def test_files_in_directories_made_at_full_speed_are_all_found(seen: Watching, root: Path) -> None:
    expected = set()
    for number in range(250):
        directory = root / f"d{number}" / "x" / "y" / "z"
        directory.mkdir(parents=True)
        for name in "abcd":
            (directory / name).write_bytes(b"x")
            expected.add(directory / name)
    seen.await_paths(expected)


def test_a_copied_tree_is_found_whole(seen: Watching, root: Path, tmp_path: Path) -> None:
    outside = make_files(tmp_path / "outside", 200)
    subprocess.run(["cp", "-r", tmp_path / "outside", root / "copy"], check=True)
    seen.await_paths({root / "copy" / path for path in outside})


def test_a_tree_moved_in_is_found_whole_and_one_moved_out_is_left_alone(
    seen: Watching, root: Path, tmp_path: Path
) -> None:
    outside = make_files(tmp_path / "outside", 50)
    os.rename(tmp_path / "outside", root / "in")
    seen.await_paths({root / "in" / path for path in outside})
    os.rename(root / "in", tmp_path / "out")
    (tmp_path / "out" / "later").write_bytes(b"x")
    (root / "other").write_bytes(b"x")
    until(lambda: len(seen.hands.ever) == 51)
    assert os.fsencode(root / "other") in seen.paths()


def test_a_tree_moved_within_is_found_at_its_new_place(seen: Watching, root: Path) -> None:
    names = make_files(root / "old", 20)
    seen.await_paths({root / "old" / name for name in names})
    os.rename(root / "old", root / "new")
    until(lambda: len(seen.hands.ever) == 40)
    (root / "new" / "later").write_bytes(b"x")
    until(lambda: len(seen.hands.ever) == 41)
    assert {path for path in seen.paths() if b"/new/" in path} == {
        os.fsencode(root / "new" / name) for name in (*names, Path("later"))
    }


def test_a_directory_deleted_and_made_again_is_watched_again(seen: Watching, root: Path) -> None:
    for number in range(5):
        make_files(root / "d", 3)
        until(lambda: len(seen.hands.held) == 3)
        seen.finish_all()
        shutil.rmtree(root / "d")
    (root / "d").mkdir()
    (root / "d" / "last").write_bytes(b"x")
    until(lambda: os.fsencode(root / "d" / "last") in seen.paths())


def test_a_file_renamed_into_place_is_found_under_its_last_name_only(seen: Watching, root: Path) -> None:
    (root / "a.tmp").write_bytes(b"x")
    os.rename(root / "a.tmp", root / "a")
    (root / "b.part").write_bytes(b"x")
    (root / "c").write_bytes(b"x")
    seen.await_paths({root / "a", root / "c"})


def test_a_file_renamed_before_it_is_ready_is_found_under_its_new_name(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, settle=0.5, silence=1)) as seen:
        (root / "before").write_bytes(b"x")
        until(lambda: len(seen.input.settling()) == 1)
        os.rename(root / "before", root / "after")
        seen.await_paths({root / "after"})


def test_a_rename_over_a_known_file_is_a_new_version(seen: Watching, root: Path) -> None:
    (root / "a").write_bytes(b"one")
    seen.await_paths({root / "a"})
    seen.finish_all()
    (root / "a.tmp").write_bytes(b"two")
    os.rename(root / "a.tmp", root / "a")
    until(lambda: len(seen.hands.ever) == 2)
    assert [work.gen for work in seen.hands.ever] == [1, 2]


def test_a_hard_link_is_a_file_of_its_own(seen: Watching, root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"x")
    os.link(tmp_path / "outside", root / "linked")
    seen.await_paths({root / "linked"})


def test_a_file_deleted_before_it_is_ready_is_not_sent_and_on_record(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, settle=0.5, silence=1)) as seen:
        (root / "a").write_bytes(b"x")
        until(lambda: len(seen.input.settling()) == 1)
        (root / "a").unlink()
        until(lambda: not seen.input.settling())
        (root / "b").write_bytes(b"x")
        seen.await_paths({root / "b"})


@pytest.mark.parametrize("kind", ["link to a file", "link to a directory", "dead link", "fifo", "directory"])
def test_what_is_no_file_is_left_alone(seen: Watching, root: Path, tmp_path: Path, kind: str) -> None:
    make_files(tmp_path / "outside", 2)
    if kind == "fifo":
        os.mkfifo(root / "x")
    elif kind == "directory":
        (root / "x").mkdir()
    else:
        target = {"link to a file": "0", "link to a directory": ".", "dead link": "none"}[kind]
        os.symlink(tmp_path / "outside" / target, root / "x")
    (root / "plain").write_bytes(b"x")
    seen.await_paths({root / "plain"})
    seen.await_quiet()
    assert len(seen.hands.ever) == 1


@pytest.mark.parametrize(
    "name",
    [b"new\nline", b"\xff\xfe", b"n" * 255, b".hidden", b"..dots", b"-rf", b" ", b"\xe4\xb8\xad.log", b"\x1b[31m", b"a\\b"],
    ids=ascii,
)
def test_odd_names_are_names(seen: Watching, root: Path, name: bytes) -> None:
    deep = bytes(root) + b"/" + name + b"-d"[: 255 - len(name)]
    os.makedirs(deep, exist_ok=True)
    for path in (bytes(root) + b"/" + name, deep + b"/" + name):
        if not os.path.isdir(path):
            with open(path, "wb") as file:
                file.write(b"x")
    expected = {path for path in (bytes(root) + b"/" + name, deep + b"/" + name) if os.path.isfile(path)}
    until(lambda: set(seen.paths()) == expected)


def test_a_file_held_open_by_another_process_waits_until_it_is_closed(seen: Watching, root: Path) -> None:
    script = "import sys; f=open(sys.argv[1],'wb'); f.write(b'x'); f.flush(); print('open',flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, root / "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        writer.stdout.readline()
        until(lambda: any(entry.busy_checks for entry in seen.input.settling()))
        stays(lambda: not seen.hands.ever, for_s=0.3)
        writer.stdin.close()
    seen.await_paths({root / "a"})


def test_an_appender_is_found_in_few_versions_and_the_last_is_whole(seen: Watching, root: Path) -> None:
    for number in range(60):
        with (root / "log").open("ab") as file:
            file.write(b"line %d\n" % number)
        until(lambda: True, every_s=0)
    until(lambda: seen.hands.ever and seen.hands.ever[-1].size_bytes == (root / "log").stat().st_size)
    stays(lambda: len(seen.hands.ever) <= 3, for_s=0.3)


def test_suffixes_and_excludes_hold_for_events_as_for_walks(root: Path, data: Path) -> None:
    (root / "cache").mkdir()
    (root / "cache" / "0.log").write_bytes(b"x")
    with watching(data, make_tree(root, suffixes=[".log"], exclude=["cache"], **QUICK)) as seen:
        (root / "deep").mkdir()
        for path in ("a.LOG", "a.txt", "cache/a.log", "deep/b.log", "deep/b.txt"):
            (root / path).write_bytes(b"x")
        (root / "deep" / "cache").mkdir()
        (root / "deep" / "cache" / "c.log").write_bytes(b"x")
        seen.await_paths({root / "a.LOG", root / "deep" / "b.log"})


def test_files_too_large_are_recorded_as_skipped(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, max_size=10, min_size=2, **QUICK)) as seen:
        for size in (1, 5, 11):
            (root / str(size)).write_bytes(b"x" * size)
        seen.await_paths({root / "5"})
        until(lambda: seen.input.first_pass_handed_on())
        assert len(seen.hands.ever) == 1


def test_events_lost_by_the_kernel_are_replaced_by_a_walk(root: Path, data: Path) -> None:
    with watching(data, make_tree(root, **QUICK)) as seen:
        assert seen.input._reader is not None
        seen.input._reader._buffers.append(struct.pack("iIII", -1, IN_Q_OVERFLOW, 0, 0))
        seen.input._wake.set()
        until(lambda: seen.input.facts().overflows_total == 1)


def test_a_queue_that_overflows_for_real_loses_no_file(root: Path, data: Path) -> None:
    with small_event_queue(), watching(data, make_tree(root, **QUICK)) as seen:
        expected = make_files(root, 800)
        seen.await_paths({root / name for name in expected})
        until(lambda: seen.input.facts().overflows_total > 0)


def test_thousands_of_events_are_parsed_as_they_were_queued(root: Path) -> None:
    source = Inotify()
    source.add(bytes(root))
    names = [f"f{number:04d}".encode() for number in range(700)]
    for name in names:
        with open(bytes(root) + b"/" + name, "wb"):
            pass
    events = []
    while buffer := source.read():
        events += list(parse_events(buffer))
    source.close()
    assert [name for _, mask, name in events if mask & inotify.IN_CLOSE_WRITE] == names


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


def test_links_and_loops_found_by_a_walk_hide_no_file_and_double_none(
    root: Path, data: Path, tmp_path: Path
) -> None:
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


def make_files(directory: Path, count: int) -> list[Path]:
    """Write `count` small files, some of them deeper; return their paths below `directory`."""
    names = [Path(str(number)) if number < 10 else Path(f"s{number % 7}") / f"t{number % 3}" / str(number)
             for number in range(count)]  # fmt: skip
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return names


class small_event_queue:  # noqa: N801 — reads as a context manager
    """The kernel keeps only a few events per watcher opened meanwhile; needs root."""

    LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")

    def __enter__(self) -> None:
        self.before = self.LIMIT.read_text()
        try:
            self.LIMIT.write_text("30")
        except OSError:
            pytest.skip("the size of the kernel's event queue may not be changed here")

    def __exit__(self, *_: object) -> None:
        self.LIMIT.write_text(self.before)
