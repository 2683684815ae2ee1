from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gwf.drills.account import account, etags_of
from gwf.drills.writer import LARGE_BYTES, LARGE_EVERY, PART_BYTES, THRESHOLD_BYTES, Writer
from gwf.testing.s3_sink import SinkObject


def _stored(data: bytes, *, writes: int = 1) -> SinkObject:
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return SinkObject(size_bytes=len(data), md5=md5, etag=md5, writes=writes)


def test_every_kind_of_fault_is_found(tmp_path: Path) -> None:
    for name in ("good", "lost", "wrong", "twice"):
        (tmp_path / name).write_bytes(name.encode())
    stored = {
        "good": _stored(b"good"), "wrong": _stored(b"other"), "twice": _stored(b"twice", writes=3),
        "extra": _stored(b""),
    }  # fmt: skip
    found = account(str(tmp_path), stored, part_bytes=PART_BYTES, unfinished=2)
    assert (found.files, found.lost, found.wrong, found.extra) == (4, ("lost",), ("wrong",), ("extra",))
    assert (found.repeated, found.unfinished) == (2, 2)


def test_an_object_made_of_parts_is_known_by_their_checksums(tmp_path: Path) -> None:
    data = os.urandom(250)
    (tmp_path / "big").write_bytes(data)
    parts = b"".join(hashlib.md5(data[at : at + 100], usedforsecurity=False).digest() for at in (0, 100, 200))
    assert f"{hashlib.md5(parts, usedforsecurity=False).hexdigest()}-3" in etags_of(str(tmp_path / "big"), 100)


def test_the_writer_makes_as_many_files_as_asked_some_of_them_large(tmp_path: Path) -> None:
    writer = Writer(str(tmp_path), size_bytes=100)
    writer.burst(LARGE_EVERY)
    writer.start(20, within_s=0.1)
    writer.finish()
    sizes = sorted(path.stat().st_size for path in tmp_path.rglob("*.dat"))
    assert len(sizes) == writer.written == LARGE_EVERY + 20
    assert sizes[:-1] == [100] * (LARGE_EVERY + 19)
    assert sizes[-1] >= LARGE_BYTES >= THRESHOLD_BYTES
