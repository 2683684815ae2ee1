"""Brings an archived or deleted file back: the same bytes, mode and times under the same name."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from gwf.core.errors import CorruptDataError
from gwf.core.settings.model import Compress
from gwf.tasks.actions.codec import Digest, unpack, write_plain
from gwf.tasks.actions.model import ActionResult, Context, Ending, Undo, done, failed, refused
from gwf.tasks.actions.places import Place, place_below
from gwf.tasks.actions.removal import part_of

Write = Callable[[int], Digest | None]
"""Writes the plain bytes into an open file and says what they were; None when it was stopped."""

_TAKEN = "another file has its name now; it was left alone"
_NOT_KEPT = "the archived file is no longer there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restorer:
    """Brings one file back."""

    context: Context
    #: what its archiving left to be remembered
    undo: Undo
    #: names the action in names of files on their way
    mark: str
    #: False = stop
    go_on: Callable[[], bool]

    def restore(self) -> ActionResult:
        """Bring the file back, then take the archived copy away.

        Raises:
            OSError: A file or directory cannot be made.
            GwfError: The store does not give the bytes of a deleted file, or the archive is damaged.
        """
        subject = self.context.subject
        with place_below(subject.root, subject.relative, make=True) as place:
            if "anchor" not in self.undo:
                return self._write_to(place, self._fetch)
            anchor, name = os.fsencode(str(self.undo["anchor"])), os.fsencode(str(self.undo["name"]))
            with place_below(anchor, name) as kept:
                result = self._bring(kept, place)
                if result.ending is Ending.DONE:
                    kept.remove()
                    kept.sync()
                return result

    def _bring(self, kept: Place, place: Place) -> ActionResult:
        if kept.status() is None:
            return self._back_or(place, failed(_NOT_KEPT))
        if self.undo.get("linked"):
            return self._noted(place) if kept.link_to(place) else self._back_or(place, refused(_TAKEN))
        packed = kept.open()
        try:
            compress = Compress(str(self.undo["compress"]))
            return self._write_to(place, lambda out: self._unpacked(packed, out, compress))
        finally:
            os.close(packed)

    def _fetch(self, out: int) -> Digest | None:
        chunks = self.context.proof.read_object(self.context.subject)
        return write_plain(chunks, out, go_on=self.go_on, most_bytes=int(self.undo["size_bytes"]))

    def _unpacked(self, packed: int, out: int, compress: Compress) -> Digest | None:
        return unpack(packed, out, compress, go_on=self.go_on, most_bytes=int(self.undo["size_bytes"]))

    def _write_to(self, place: Place, write: Write) -> ActionResult:
        if place.status() is not None:
            return self._back_or(place, refused(_TAKEN))
        part = part_of(place, self.mark)
        out = part.create()
        try:
            digest = write(out)
            if digest is None:
                return failed("stopped before it was back; nothing changed")
            if not self._is_ours(digest):
                raise CorruptDataError("what was kept is not what was archived", sha256=digest.sha256)
            self._dress(out)
            if not part.link_to(place):
                return refused(_TAKEN)
        finally:
            os.close(out)
            part.remove()
        return self._noted(place)

    def _back_or(self, place: Place, otherwise: ActionResult) -> ActionResult:
        """Return `otherwise` unless the file is back already: a crash came after it."""
        status = place.status()
        if status is None or (status.st_size, status.st_mtime_ns) != (self.undo["size_bytes"], self.undo["mtime_ns"]):
            return otherwise
        descriptor = place.open()
        try:
            digest = unpack(descriptor, None, Compress.NONE, go_on=self.go_on)
        finally:
            os.close(descriptor)
        return self._noted(place) if digest is not None and self._is_ours(digest) else otherwise

    def _is_ours(self, digest: Digest) -> bool:
        return digest.size_bytes == self.undo["size_bytes"] and self.undo["sha256"] in {"", digest.sha256}

    def _noted(self, place: Place) -> ActionResult:
        place.sync()
        status = place.status()
        if status is not None:
            self.context.proof.restored(self.context.subject, status.st_ino)
        return done("the file is back as it was")

    def _dress(self, fd: int) -> None:
        undo = self.undo
        if os.geteuid() == 0:
            os.fchown(fd, int(undo["uid"]), int(undo["gid"]))
        os.fchmod(fd, int(undo["mode"]))
        os.utime(fd, ns=(int(undo["atime_ns"]), int(undo["mtime_ns"])))
        os.fsync(fd)
