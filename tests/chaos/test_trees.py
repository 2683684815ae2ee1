"""Directory trees that appear at once, more events than the kernel keeps, fewer watches than directories."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.load import TreeMaker
from tests.chaos.scale import sized

FEW_WATCHES = 20
LIMITED = ("unshare", "-Ur", "sh", "-c", f'echo {FEW_WATCHES} >/proc/sys/user/max_inotify_watches && exec "$@"', "sh")


@sized("trees", short=25, long=1000)
def test_trees_that_appear_at_once_arrive_whole(lab: Lab, trees: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    maker = TreeMaker(load, os.fsencode(lab.home / "outside"))
    lab.program.start()
    for number in range(trees):
        for make in maker.means():
            make(b"%b-%d" % (make.__name__.encode(), number))
    verdict = lab.check(within_s=240)
    assert verdict.files == trees * len(maker.means()) * 3
    assert verdict.repeats == 0


@sized("files", short=300, long=10_000)
def test_overflowed_event_queue(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    flooded = load.put(b"flood.log")
    lab.program.start()
    until(lab.program.idle)
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as limit:
        events = int(limit.read())
    lab.freeze()
    for _ in range(events // 2 + 100):  # each write and each close is an event
        with open(flooded, "ab", buffering=0) as file:
            file.write(b".")
    load.note(flooded)
    load.small(files)
    os.makedirs(os.path.join(load.root, b"new", b"deep"))
    load.put(b"new/deep/file")
    lab.thaw()
    until(lambda: lab.program.reasons().get("events_lost"))
    assert lab.check().repeats == 0


@sized("directories", short=60, long=1000)
def test_fewer_watches_than_directories(lab: Lab, directories: int) -> None:
    if subprocess.run([*LIMITED, "true"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: a watch limit of its own needs user namespaces")
    lab.wrap(LIMITED)
    load = lab.load(lab.watch("in", store="file"))
    for number in range(directories):
        os.mkdir(os.path.join(load.root, b"d%d" % number))
    lab.program.start()
    until(lambda: lab.program.reasons().get("watch_limit"))
    for number in range(directories):
        load.put(b"d%d/file" % number)
    lab.check()


@sized("rounds", short=5, long=200)
def test_directories_that_are_renamed_while_files_are_written_into_them(lab: Lab, rounds: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    os.makedirs(os.path.join(load.root, b"d-0", b"below"))
    lab.program.start()
    for number in range(rounds):
        for name in (b"d-%d/f-%d", b"d-%d/below/g-%d"):
            load.put(name % (number, number))
        load.move_tree(b"d-%d" % number, b"d-%d" % (number + 1))
    load.put(b"d-%d/below/last" % rounds)
    assert lab.check(within_s=120).files == 2 * rounds + 1


@sized("rounds", short=3, long=30)
def test_watched_directory_that_is_removed_and_made_again(lab: Lab, rounds: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    lab.program.start()
    for _ in range(rounds):
        load.small(10)
        os.rename(load.root, load.root + b".away")
        until(lambda: lab.program.reasons().get("watch_missing"))
        os.mkdir(load.root)
        load.small(10)
        until(lambda: "watch_missing" not in lab.program.reasons())
        load.small(10)
        shutil.rmtree(os.fsdecode(load.root + b".away"))
    assert lab.check().files == 20
