"""Uploads in parts go on after kills and on another host; what is sent twice is bounded and nothing is left behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.relay import Relay, counting_relay

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.ledger import PART_BYTES

PARTS = 40
THREADS = 3  #: parts sent at a time
HEADS_BYTES = 200_000  #: heads of all requests of an experiment, health checks included


@pytest.fixture
def relay(lab: Lab) -> Iterator[Relay]:
    """The way to the S3 endpoint, counting what is sent."""
    with counting_relay(lab.sink.url) as relay:
        lab.program.settings["stores"]["s3"].update(endpoint=relay.url, part_concurrency=THREADS)
        lab.program.settings["stores"]["file"].update(part_concurrency=THREADS)
        yield relay


def _put_huge(lab: Lab, store: str) -> bytes:
    load = lab.load(lab.watch("in", store=store))
    return load.put(b"huge.bin", load.content(PARTS * PART_BYTES))


def _kill_after_parts(lab: Lab, parts: int) -> None:
    lab.program.start(kill_at=f"part_sent:{parts}")
    until(lab.program.was_killed)


def test_a_kill_costs_at_most_the_parts_that_were_on_their_way(lab: Lab, relay: Relay) -> None:
    # Parts are sent while others are being noted: on a busy host, all of them before many are. Slow answers leave time.
    lab.sink.set_faults(Faults(slow_s=0.4))
    _put_huge(lab, "s3")
    for _ in range(4):
        _kill_after_parts(lab, 2)
    lab.sink.set_faults()
    lab.program.start()
    lab.check()
    again = relay.sent_bytes - PARTS * PART_BYTES
    assert again <= lab.program.kills * THREADS * PART_BYTES + HEADS_BYTES


@pytest.mark.parametrize("store", ["s3", "file"])
def test_a_copied_journal_and_tree_go_on_with_the_upload(lab: Lab, relay: Relay, store: str) -> None:
    path = _put_huge(lab, store)
    _kill_after_parts(lab, PARTS // 2)
    _move_to_new_host(lab, path)
    lab.program.start()
    verdict = lab.settle()
    lab.record(verdict)
    assert verdict.is_clean(), f"{verdict}\n{lab.program.story()}"
    if store == "s3":
        assert relay.sent_bytes <= PARTS * PART_BYTES + THREADS * PART_BYTES + HEADS_BYTES


def test_a_copy_of_a_finished_tree_is_not_sent_again(lab: Lab, relay: Relay) -> None:
    path = _put_huge(lab, "s3")
    lab.program.start()
    lab.check()
    lab.program.kill()
    sent_bytes = relay.sent_bytes
    _move_to_new_host(lab, path)
    lab.program.start()
    verdict = lab.settle()
    assert verdict.is_clean(), f"{verdict}\n{lab.program.story()}"
    assert relay.sent_bytes - sent_bytes < HEADS_BYTES


@pytest.mark.parametrize("fate", ["kept", "rewritten", "deleted"])
def test_upload_begun_in_place_of_one_the_store_forgot_is_ended_whatever_became_of_its_file(
    lab: Lab, fate: str
) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    path = load.large()
    _kill_after_parts(lab, 1)
    lab.sink.clear()
    lab.program.start(kill_at="multipart_created")
    until(lab.program.was_killed)
    assert lab.sink.unfinished_uploads() == 1
    if fate != "kept":
        os.unlink(path)
    if fate == "rewritten":
        load.put(os.path.basename(path))
    load.put(b"other")
    lab.program.start()
    lab.check()


@pytest.mark.parametrize("store", ["s3", "file"])
def test_upload_that_no_journal_knows_is_ended_after_its_grace_time(lab: Lab, relay: Relay, store: str) -> None:
    path = _put_huge(lab, store)
    _kill_after_parts(lab, PARTS // 2)
    assert lab.verdict().unfinished == 1
    shutil.rmtree(lab.program.settings["data_dir"])
    os.unlink(path)
    lab.program.settings["stores"][store]["orphan_grace"] = "1s"
    lab.program.start()
    until(lambda: lab.program.events("orphan_upload_aborted"))
    lab.check()


def _move_to_new_host(lab: Lab, path: bytes) -> None:
    """Give the file a new inode at its path, and the journal a new directory."""
    inode = os.stat(path).st_ino
    shutil.copy2(path, path + b".tmp")
    os.rename(path + b".tmp", path)
    assert os.stat(path).st_ino != inode
    here = Path(lab.program.settings["data_dir"])
    there = lab.home / "new-host"
    shutil.copytree(here, there)
    shutil.rmtree(here)
    lab.program.settings["data_dir"] = str(there)
