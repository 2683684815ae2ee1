"""The independent account: hashes of files on disk beside what the scratch store says it was sent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping

from gwf.drills.model import Account
from gwf.testing.s3_sink import SinkObject

NAMED = 20  #: names kept of each kind of fault


def account(watched: str, stored: Mapping[str, SinkObject], *, part_bytes: int, unfinished: int) -> Account:
    """Compare every file below `watched` with the object of its relative path."""
    left = dict(stored)
    lost: list[str] = []
    wrong: list[str] = []
    files = repeated = 0
    for name, path in files_below(watched):
        files += 1
        item = left.pop(name, None)
        if item is None:
            lost.append(name)
            continue
        if item.etag not in etags_of(path, part_bytes):
            wrong.append(name)
        repeated += item.writes - 1
    return Account(
        files=files,
        lost=tuple(lost[:NAMED]),
        wrong=tuple(wrong[:NAMED]),
        extra=tuple(sorted(left)[:NAMED]),
        repeated=repeated,
        unfinished=unfinished,
    )


def files_below(top: str) -> Iterator[tuple[str, str]]:
    """Yield (relative path, path) of every file."""
    for directory, _, names in os.walk(top):
        for name in names:
            path = os.path.join(directory, name)
            yield os.path.relpath(path, top), path


def etags_of(path: str, part_bytes: int) -> set[str]:
    """Return what an S3 store may call the content: the MD5 of the whole, or that of the MD5s of the parts."""
    whole = hashlib.md5(usedforsecurity=False)
    parts: list[bytes] = []
    with open(path, "rb") as file:
        while data := file.read(part_bytes):
            whole.update(data)
            parts.append(hashlib.md5(data, usedforsecurity=False).digest())
    joined = hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()
    return {whole.hexdigest(), f"{joined}-{len(parts)}"}
