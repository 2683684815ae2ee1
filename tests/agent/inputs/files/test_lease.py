from __future__ import annotations

import mmap
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gwf.agent.inputs.files.lease import Verdict, probe

HOLD = """
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
if sys.argv[2] == "mmap":
    view = mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    os.close(fd)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "file"
    made.write_bytes(b"content")
    return made


@contextmanager
def held_by_another_process(path: Path, how: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        yield
        holder.stdin.close()


def ask(path: Path | bytes) -> Verdict:
    return probe(os.fsencode(path), ask=True).verdict


@pytest.mark.parametrize("how", ["open", "mmap"])
def test_a_writer_in_another_process_makes_a_file_busy(path: Path, how: str) -> None:
    with held_by_another_process(path, how):
        assert ask(path) is Verdict.BUSY
    assert ask(path) is Verdict.FREE


def test_a_writer_in_this_process_makes_a_file_busy(path: Path) -> None:
    with path.open("ab"):
        assert ask(path) is Verdict.BUSY
    assert ask(path) is Verdict.FREE


def test_a_mapping_that_outlives_its_descriptor_makes_a_file_busy(path: Path) -> None:
    with path.open("r+b") as file:
        view = mmap.mmap(file.fileno(), 0)
    assert ask(path) is Verdict.BUSY
    view.close()
    assert ask(path) is Verdict.FREE


def test_readers_do_not_matter(path: Path) -> None:
    with path.open("rb"):
        assert ask(path) is Verdict.FREE


def test_the_version_of_the_file_is_told(path: Path) -> None:
    status = path.stat()
    found = probe(bytes(path), ask=True)
    assert (found.ino, found.size_bytes, found.mtime_ns) == (status.st_ino, 7, status.st_mtime_ns)


def test_without_asking_nothing_is_known_but_the_version(path: Path) -> None:
    with path.open("ab"):
        assert probe(bytes(path), ask=False).verdict is Verdict.UNKNOWN


def test_nothing_stays_open_or_leased(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        ask(path)
        ask(path.parent / "none")
        ask(path.parent)
    assert len(os.listdir("/proc/self/fd")) == before
    with path.open("ab") as file:
        file.write(b"x")


def test_a_file_that_is_not_there_is_gone(tmp_path: Path) -> None:
    assert ask(tmp_path / "none") is Verdict.GONE
    assert ask(tmp_path / "none" / "deeper") is Verdict.GONE


def test_what_is_no_regular_file_is_gone_and_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    os.symlink("fifo", tmp_path / "link")
    os.symlink("self", tmp_path / "self")
    assert [ask(tmp_path / name) for name in ("fifo", "link", "self", ".")] == [Verdict.GONE] * 4


def test_a_link_to_a_file_is_gone_unless_it_leads_below_the_directory_named(path: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "inside").write_bytes(b"x")
    os.symlink(path, tmp_path / "w" / "out")
    os.symlink("inside", tmp_path / "w" / "in")
    below = bytes(tmp_path / "w")
    assert ask(tmp_path / "w" / "in") is Verdict.GONE
    assert probe(below + b"/in", ask=True, inside=below).verdict is Verdict.FREE
    assert probe(below + b"/out", ask=True, inside=below).verdict is Verdict.GONE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
def test_a_file_we_may_not_read_is_told_apart_from_one_that_is_gone() -> None:
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        directory.chmod(0o755)
        for name, mode in (("secret", 0o600), ("foreign", 0o644)):
            (directory / name).write_bytes(b"x")
            (directory / name).chmod(mode)
        os.seteuid(65534)
        try:
            verdicts = [ask(directory / name) for name in ("secret", "foreign", "none")]
        finally:
            os.seteuid(0)
    assert verdicts == [Verdict.DENIED, Verdict.UNKNOWN, Verdict.GONE]


def test_a_name_that_changes_its_kind_is_told_as_what_it_is_now(path: Path) -> None:
    path.unlink()
    path.mkdir()
    assert ask(path) is Verdict.GONE
