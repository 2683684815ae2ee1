from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gwf.agent.inputs.files import inotify
from gwf.agent.inputs.files.inotify import Inotify
from tests.agent.inputs.files.watching import QUICK, Watching, make_files, watching
from tests.agent.trees import make_tree
from tests.agent.waiting import stays, until


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
    for _ in range(5):
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
    [
        b"new\nline",
        b"\xff\xfe",
        b"n" * 255,
        b".hidden",
        b"..dots",
        b"-rf",
        b" ",
        b"\xe4\xb8\xad.log",
        b"\x1b[31m",
        b"a\\b",
    ],
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
    script = (
        "import sys; f=open(sys.argv[1],'wb'); f.write(b'x'); f.flush(); print('open',flush=True); sys.stdin.read()"
    )
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
        until(seen.input.first_pass_handed_on)
        assert len(seen.hands.ever) == 1


def test_events_are_parsed_as_they_were_queued(root: Path) -> None:
    source = Inotify()
    source.add(bytes(root))
    names = [f"f{number:04d}".encode() * (1 + number % 50) for number in range(700)]
    events = []
    for name in names:
        with open(bytes(root) + b"/" + name, "wb"):
            pass
        while buffer := source.read():
            events += list(inotify.parse_events(buffer))
    source.close()
    assert [name for _, mask, name in events if mask & inotify.IN_CLOSE_WRITE] == names
