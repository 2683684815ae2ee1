"""A journal without space, or with broken pages: nothing is lost, nothing is sent twice, health says so."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.scale import sized


@pytest.fixture
def small_disk(lab: Lab) -> Iterator[Path]:
    """A data directory of its own, on a file system of 32 MB."""
    data = lab.home / "program" / "data"
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(data)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"NOT TESTED: a full disk needs the right to mount: {mounted.stderr.strip()}")
    try:
        yield data
    finally:
        lab.program.close()
        subprocess.run(["umount", str(data)], check=True)


def fill(directory: Path, *, leave_bytes: int) -> Path:
    """Take all space but `leave_bytes`; return the file that does."""
    ballast = directory / "ballast"
    free = os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize
    try:
        ballast.write_bytes(bytes(max(0, free - leave_bytes)))
    except OSError as exc:  # the program took space in between
        if exc.errno != errno.ENOSPC or leave_bytes:
            raise
    return ballast


def seen(lab: Lab, code: str) -> dict[str, Any]:
    """Return the reason with this code as soon as the program gives it."""
    reason = until(lambda: lab.program.reasons().get(code), within_s=30)
    assert reason is not None
    return reason


@sized("files", short=300, long=5000)
def test_journal_on_a_full_disk(lab: Lab, small_disk: Path, files: int) -> None:
    lab.tune("high_water", min_free_bytes=0)
    loads = [lab.load(lab.watch("a", store="s3")), lab.load(lab.watch("b", store="file"))]
    lab.program.start()
    ballast = fill(small_disk, leave_bytes=0)
    for load in loads:
        load.large()
        load.small(files)
    assert "full" in seen(lab, "journal_unavailable")["message"]
    assert lab.program.status("/ready") == 503
    ballast.unlink()
    lab.check()
    assert lab.program.status("/ready") == 200


@sized("files", short=100, long=5000)
def test_reading_pauses_before_the_disk_is_full(lab: Lab, small_disk: Path, files: int) -> None:
    lab.tune("high_water", min_free_bytes="8MiB")
    ballast = fill(small_disk, leave_bytes=6 * 1024**2)
    load = lab.load(lab.watch("in", store="s3"))
    load.small(files)
    lab.program.start()
    assert "free" in seen(lab, "disk_low")["message"]
    assert lab.program.queue()["done_total"] == 0
    ballast.unlink()
    lab.check()


@sized("files", short=300, long=10_000)
def test_journal_whose_pages_are_broken(lab: Lab, files: int) -> None:
    load = lab.load(lab.watch("in", store="s3"))
    load.large()
    load.small(files)
    lab.program.start()
    lab.check()
    lab.program.kill()
    data = lab.home / "program" / "data"
    for part in ("journal.db", "journal.db-wal"):
        with (data / part).open("r+b") as file:
            file.write(b"\xa5" * 40_000)
    load.small(20)
    lab.program.start()
    assert lab.check().repeats == 0, "what the store holds is sent again"
    assert lab.program.events("journal_damaged")
    assert list(data.glob("journal.db.damaged-*"))
