"""Puts a verified copy of a file into the archive, under a name that no other file has."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gwf.core.errors import CorruptDataError
from gwf.core.settings.model import Compress
from gwf.tasks.actions.codec import SUFFIXES, Digest, pack, unpack
from gwf.tasks.actions.model import Undo
from gwf.tasks.actions.places import NO_LINK, Place, is_version, place_below
from gwf.tasks.actions.removal import Version, part_of
from gwf.tasks.actions.subject import Subject

_MAX_NAME_KEPT = 230


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where archived files go: `below` an anchor that is entered without following links."""

    #: the watched directory or an allowed archive directory, without links
    anchor: bytes
    #: from the anchor to the archive; "" = the anchor itself
    below: bytes
    compress: Compress

    def name_of(self, subject: Subject) -> bytes:
        """Return the name of an archived file, from the anchor on."""
        name = subject.relative + SUFFIXES[self.compress]
        return self.below + b"/" + name if self.below else name


class Changed(Exception):  # noqa: N818 — a turn of events, no fault
    """The file is no longer what the store confirmed."""


class Stopped(Exception):  # noqa: N818 — as above
    """It was asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps one file in the archive."""

    archive: Archive
    subject: Subject
    #: where the file lies
    place: Place
    #: the file, open for reading
    fd: int
    #: names the action in names of files on their way
    mark: str
    #: False = stop
    go_on: Callable[[], bool]

    def keep(self) -> Undo:
        """Keep the file; it is on disk and was read back when this returns.

        Raises:
            Changed: The file changed since its upload.
            Stopped: `go_on` said so; nothing is left behind.
            OSError: A file or directory cannot be made.
            CorruptDataError: What was written reads back otherwise.
        """
        with place_below(self.archive.anchor, self.archive.name_of(self.subject), make=True) as target:
            linked = self._linked(target) if self.archive.compress is Compress.NONE else None
            if linked is not None:
                digest = Digest(self.subject.size_bytes, self.subject.sha256)
                return {**self._undo(linked, digest), "linked": 1}
            with self._packed(target) as (part, digest):
                kept = self._published(part, target, digest)
                target.sync()
                return self._undo(kept, digest)

    def _linked(self, target: Place) -> Place | None:
        """Give the file a second name in the archive; None where the file system cannot."""
        for candidate in (target, _marked(target, self.mark)):
            try:
                fresh = self.place.link_to(candidate)
            except OSError as exc:
                if exc.errno in NO_LINK:
                    return None
                raise
            if is_version(candidate.status(), version_of(self.subject)):
                target.sync()
                return candidate
            if fresh:
                candidate.remove()
                raise Changed
        return None

    @contextmanager
    def _packed(self, target: Place) -> Generator[tuple[Place, Digest]]:
        """Yield the packed file, synced and read back, under a name that is removed at the end."""
        subject, compress = self.subject, self.archive.compress
        part = part_of(target, self.mark)
        out = part.create()
        try:
            digest = pack(self.fd, out, compress, go_on=self.go_on)
            if digest is None:
                raise Stopped
            same = digest.size_bytes == subject.size_bytes and subject.sha256 in {"", digest.sha256}
            status = os.fstat(self.fd)
            if not same or not is_version(status, version_of(subject)):
                raise Changed
            take_after(status, out)
            if unpack(out, None, compress, go_on=_always) != digest:
                raise CorruptDataError("the archived file reads back otherwise than it was written")
            yield part, digest
        finally:
            os.close(out)
            part.remove()

    def _published(self, part: Place, target: Place, digest: Digest) -> Place:
        """Give the packed file its name; one that another file has is left to that."""
        for candidate in (target, _marked(target, self.mark)):
            if part.link_to(candidate) or self._is_same(candidate, part, digest):
                return candidate
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(target.name))

    def _is_same(self, candidate: Place, part: Place, digest: Digest) -> bool:
        """Tell whether an archived file is the one that an earlier attempt of this action put there."""
        ours, there = part.status(), candidate.status()
        if ours is None or there is None or (ours.st_size, ours.st_mtime_ns) != (there.st_size, there.st_mtime_ns):
            return False
        with suppress(OSError, CorruptDataError):
            descriptor = candidate.open()
            try:
                return unpack(descriptor, None, self.archive.compress, go_on=_always) == digest
            finally:
                os.close(descriptor)
        return False

    def _undo(self, kept: Place, digest: Digest) -> dict[str, str | int]:
        directory = self.archive.name_of(self.subject).rpartition(b"/")[0]
        name = directory + b"/" + kept.name if directory else kept.name
        return {
            "anchor": os.fsdecode(self.archive.anchor),
            "name": os.fsdecode(name),
            "compress": self.archive.compress.value,
            "sha256": digest.sha256,
            **facts_of(os.fstat(self.fd)),
        }


def version_of(subject: Subject) -> Version:
    """Return what tells this version of the file from others."""
    return subject.ino, subject.size_bytes, subject.mtime_ns


def take_after(status: os.stat_result, fd: int) -> None:
    """Give an open file the mode, owner and times of another; it is on disk when this returns."""
    if os.geteuid() == 0:
        os.fchown(fd, status.st_uid, status.st_gid)
    os.fchmod(fd, stat.S_IMODE(status.st_mode))
    os.utime(fd, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.fsync(fd)


def _marked(target: Place, mark: str) -> Place:
    stem, dot, suffix = target.name.rpartition(b".")
    if not stem or len(suffix) > 16:
        stem, dot, suffix = target.name, b"", b""
    return target.beside(stem[:_MAX_NAME_KEPT] + b"~" + mark.encode() + dot + suffix)


def facts_of(status: os.stat_result) -> dict[str, str | int]:
    """Return what brings a file back as it was, besides its bytes."""
    return {
        "mode": stat.S_IMODE(status.st_mode),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "atime_ns": status.st_atime_ns,
        "mtime_ns": status.st_mtime_ns,
        "size_bytes": status.st_size,
    }


def _always() -> bool:
    return True
