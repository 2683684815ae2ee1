"""The independent account: hashes of what lies on disk beside what the stores hold, file by file."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from gwf.testing.s3_sink import S3Sink

PART_BYTES = 100 * 1024  #: of objects sent in parts, in every experiment
TEMPORARY = (b".tmp", b".part", b".swp")  #: endings that our writers use for files that must never be sent
_UNFINISHED = b".gwf-tmp"
_PLAIN = re.compile(rb"[A-Za-z0-9_./ -]+")
_PLAIN_BYTES = 240  #: longer keys may be shortened


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: its content and how often it was written (0 = the store does not count)."""

    md5: str
    writes: int = 0


@dataclass(slots=True)
class Verdict:
    """What a comparison found; the lists name paths and keys."""

    files: int = 0
    lost: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    extra: list[str] = field(default_factory=list[str])
    #: writes beyond one for each version that was ever on disk
    repeats: int = 0
    unfinished: int = 0

    def is_clean(self) -> bool:
        return not (self.lost or self.wrong or self.extra or self.unfinished)

    def __iadd__(self, other: Verdict) -> Self:
        self.files += other.files
        self.lost += other.lost
        self.wrong += other.wrong
        self.extra += other.extra
        self.repeats += other.repeats
        self.unfinished += other.unfinished
        return self

    def __str__(self) -> str:
        def some(names: list[str]) -> str:
            return f"{len(names)} {names[:5]}" if names else "0"

        return (
            f"files {self.files}, lost {some(self.lost)}, wrong {some(self.wrong)}, extra {some(self.extra)}, "
            f"unfinished uploads {self.unfinished}, repeated writes {self.repeats}"
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What a store may say of some bytes: their MD5, or the ETag of an object made of parts."""

    md5: str
    etag: str

    @classmethod
    def of(cls, data: bytes) -> Content:
        parts = [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]
        joined = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
        return cls(_md5(data), f"{_md5(joined)}-{len(parts)}")


@dataclass(slots=True)
class Written:
    """What our writers did: every complete version of every path."""

    versions: dict[bytes, list[Content]] = field(default_factory=dict[bytes, list[Content]])

    def note(self, path: bytes, data: bytes) -> None:
        self.versions.setdefault(path, []).append(Content.of(data))


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def on_disk(root: bytes) -> dict[bytes, Content]:
    """Return the content of every regular file below `root` that does not look temporary; links are not followed."""
    return {path: Content.of(_read(path)) for path in walk(root) if not path.lower().endswith(TEMPORARY)}


def walk(root: bytes) -> Iterator[bytes]:
    """Yield the regular files below `root`, leaving out what a file:// store has not finished."""
    for directory, below, names in os.walk(root):
        if _UNFINISHED in below:
            below.remove(_UNFINISHED)
        for name in names:
            path = os.path.join(directory, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path


def _read(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def in_sink(sink: S3Sink) -> dict[str, Stored]:
    """Return what the sink holds. An object made of parts is known by the ETag that its parts' MD5s give."""
    return {key: Stored(item.md5 or item.etag, item.writes) for key, item in sink.manifest().items()}


def in_directory(root: Path) -> dict[str, Stored]:
    """Return what a file:// store holds, read as plain files."""
    top = os.fsencode(root)
    return {path[len(top) + 1 :].decode(): Stored(_md5(_read(path))) for path in walk(top)}


def unfinished_in_directory(root: Path) -> int:
    """Return the number of uploads in parts that a file:// store keeps; without the note it is not yet one."""
    return sum(1 for note in (root / os.fsdecode(_UNFINISHED)).glob("upload-*/about.json") if note.stat().st_size)


def compare(roots: Iterable[bytes], stored: Mapping[str, Stored], written: Written, hostname: str) -> Verdict:
    """Compare all files below `roots` with the objects of one store.

    A plain name has a known key. Other names are escaped by rules that this account does not copy: there,
    exactly one object must hold the content. Objects of files that are gone must be a version that was whole.
    """
    verdict = Verdict()
    left = dict(stored)
    odd: Counter[str] = Counter()
    for root in roots:
        for path, content in on_disk(root).items():
            verdict.files += 1
            key = key_of(path, hostname)
            if key is None:
                odd[content.md5] += 1
                continue
            item = left.pop(key, None)
            if item is None:
                verdict.lost.append(repr(path))
                continue
            if item.md5 not in {content.md5, content.etag}:
                verdict.wrong.append(repr(path))
            verdict.repeats += max(0, item.writes - len(written.versions.get(path, [content])))
    _match_odd(odd, left, verdict)
    _match_gone(left, written, hostname, verdict)
    return verdict


def key_of(path: bytes, hostname: str) -> str | None:
    """Return the key of a path with a plain name, else None."""
    key = f"{hostname}{path.decode('ascii', 'replace')}"
    return key if _PLAIN.fullmatch(path) and len(key) <= _PLAIN_BYTES else None


def _match_odd(odd: Counter[str], left: dict[str, Stored], verdict: Verdict) -> None:
    for key, item in list(left.items()):
        if odd[item.md5] > 0:
            odd[item.md5] -= 1
            del left[key]
    verdict.lost += [f"a file with an odd name and content {md5}" for md5 in odd.elements()]


def _match_gone(left: dict[str, Stored], written: Written, hostname: str, verdict: Verdict) -> None:
    keys = {key_of(path, hostname): versions for path, versions in written.versions.items()}
    for key, item in left.items():
        versions = keys.get(key)
        if versions is None:
            verdict.extra.append(key)
        elif not any(item.md5 in {content.md5, content.etag} for content in versions):
            verdict.wrong.append(key)
