"""ARCHIVE: once a file's object is verified, keep the file elsewhere or delete it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gwf.core.errors import ConfigError, GwfError, UnavailableError
from gwf.core.faults import kill_point
from gwf.core.settings.model import ArchiveSettings, Compress
from gwf.storage.model import FileSource
from gwf.tasks.actions.codec import unpack
from gwf.tasks.actions.keeping import Archive, Changed, Keeper, Stopped, facts_of, version_of
from gwf.tasks.actions.model import ActionResult, Context, Undo, cancelled, done, failed, refused
from gwf.tasks.actions.places import Place, is_version, place_below
from gwf.tasks.actions.removal import Removed, remove_version
from gwf.tasks.actions.restoring import Restorer
from gwf.tasks.actions.subject import Subject

MARK_CHARS = 12  #: of the idempotency key, in names of files on their way
_CHANGED = "the file changed or went since its upload; it was left alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """An archive step, its directory found and allowed."""

    #: None = the file is deleted
    archive: Archive | None


def archive_config(settings: ArchiveSettings, root: bytes, allowed: Sequence[bytes]) -> ArchiveConfig:
    """Return the step for files of the watched directory `root`; `allowed` are archive directories besides it.

    All paths are without links.

    Raises:
        ConfigError: The directory lies in neither, or is the watched directory itself.
    """
    if settings.delete:
        return ArchiveConfig(archive=None)
    into = os.path.normpath(os.path.join(root, os.fsencode(settings.into)))
    for anchor in sorted((root, *allowed), key=len, reverse=True):
        if into.startswith(anchor + b"/") or (into == anchor and anchor != root):
            below = into[len(anchor) + 1 :]
            return ArchiveConfig(archive=Archive(anchor=anchor, below=below, compress=settings.compress))
    why = "lies neither inside the watched directory nor in agent.actions.archive_dirs"
    raise ConfigError("files may not be archived there", problems=(f"archive.into: {os.fsdecode(into)} {why}",))


class ArchiveAction:
    """See contract.Action."""

    def validate(self, config: ArchiveConfig) -> list[str]:
        """See contract.Action."""
        if config.archive is None:
            return []
        anchor = Path(os.fsdecode(config.archive.anchor))
        if not anchor.is_dir():
            return [f"archive: {anchor} is no directory"]
        place = anchor / os.fsdecode(config.archive.below)
        nearest = next(path for path in (place, *place.parents) if path.exists())
        return [] if os.access(nearest, os.W_OK | os.X_OK) else [f"archive: {nearest} may not be written"]

    def describe(self, config: ArchiveConfig, subject: Subject) -> str:
        """See contract.Action."""
        path = os.fsdecode(subject.path)
        if config.archive is None:
            what = f"ask store {subject.store} for the checksum of {subject.key}, then delete {path}"
        else:
            name = os.fsdecode(config.archive.anchor + b"/" + config.archive.name_of(subject))
            how = config.archive.compress
            packed = "" if how is Compress.NONE else f", packed with {how.value}"
            what = f"keep {path} as {name}{packed}, then remove it"
        try:
            with place_below(subject.root, subject.relative) as place:
                same = is_version(place.status(), version_of(subject))
        except (OSError, ValueError):
            same = False
        return what if same else f"nothing: {_CHANGED}"

    def execute(self, config: ArchiveConfig, context: Context) -> ActionResult:
        """See contract.Action."""
        try:
            with place_below(context.subject.root, context.subject.relative) as place:
                return self._execute_at(config, context, place)
        except FileNotFoundError as exc:
            return self._finished(context, context.before) if context.before else refused(f"{_CHANGED}: {exc.strerror}")
        except Changed:
            return refused(_CHANGED)
        except Stopped:
            return cancelled()
        except (OSError, GwfError, ValueError) as exc:
            return _failure(exc, context.before)

    def compensate(self, config: ArchiveConfig, context: Context, result: ActionResult) -> ActionResult:  # noqa: ARG002 — the undo tells where the file is, whatever the step says now
        """See contract.Action."""
        if not result.undo:
            return refused("nothing was archived, so nothing can be brought back")
        try:
            return Restorer(context=context, undo=result.undo, mark=_mark(context), go_on=_go_on(context)).restore()
        except (OSError, GwfError, ValueError) as exc:
            return failed(_words(exc), result.undo)

    def _execute_at(self, config: ArchiveConfig, context: Context, place: Place) -> ActionResult:
        before: Undo = context.before if _still_stands(context, place) else {}
        undo = before or self._kept(config, context, place)
        if isinstance(undo, ActionResult):
            return undo
        try:
            if not before:
                context.remember(undo)
                kill_point("archive_kept")
            return self._removed(context, place, undo, is_new=not before)
        except (OSError, GwfError, ValueError) as exc:
            return _failure(exc, undo)  # not without it: the original may be gone

    def _removed(self, context: Context, place: Place, undo: Undo, *, is_new: bool) -> ActionResult:
        removed = remove_version(place, version_of(context.subject), _mark(context))
        if removed is Removed.BUSY:
            return failed("another program writes to the file", undo)
        if removed is Removed.CHANGED and is_new:
            _discard(undo)
            context.remember({})
            return refused(_CHANGED)
        kill_point("archive_removed")
        return self._finished(context, undo)

    def _kept(self, config: ArchiveConfig, context: Context, place: Place) -> Undo | ActionResult:
        """Return what brings the file back, once it is safe elsewhere."""
        subject = context.subject
        if not is_version(place.status(), version_of(subject)):
            return refused(_CHANGED)
        if not context.proof.is_verified(subject):
            return refused("the journal does not say that the store confirmed this version; it was left alone")
        fd = place.open()
        try:
            if not is_version(os.fstat(fd), version_of(subject)):
                return refused(_CHANGED)
            if config.archive is None:
                return self._confirmed(context, fd)
            return Keeper(
                archive=config.archive, subject=subject, place=place, fd=fd, mark=_mark(context), go_on=_go_on(context)
            ).keep()
        finally:
            os.close(fd)

    def _confirmed(self, context: Context, fd: int) -> Undo | ActionResult:
        """Ask the store itself, because its object will be the only copy."""
        subject = context.subject
        if not context.proof.store_holds(subject, FileSource(fd=fd, size_bytes=subject.size_bytes)):
            return refused("the store does not hold these bytes any more; the file was not deleted")
        sha256 = subject.sha256
        if not sha256:
            digest = unpack(fd, None, Compress.NONE, go_on=_go_on(context))
            if digest is None:
                return cancelled()
            sha256 = digest.sha256
        return {"sha256": sha256, **facts_of(os.fstat(fd))}

    def _finished(self, context: Context, undo: Undo) -> ActionResult:
        where = f"{undo['anchor']}/{undo['name']}" if "anchor" in undo else ""
        context.proof.archived(context.subject, where)
        return done(f"kept as {where}" if where else "deleted; the store has it", undo)


def _still_stands(context: Context, place: Place) -> bool:
    """Tell whether an earlier attempt may be gone on with; not if the original is there and what was kept is not."""
    if not is_version(place.status(), version_of(context.subject)):
        return True
    undo = context.before
    if "anchor" not in undo:
        return False  # to be deleted: the store is asked anew
    try:
        with place_below(os.fsencode(str(undo["anchor"])), os.fsencode(str(undo["name"]))) as kept:
            return kept.status() is not None
    except (OSError, ValueError):
        return False


def _failure(exc: Exception, undo: Undo) -> ActionResult:
    return failed(_words(exc), undo, charged=not isinstance(exc, UnavailableError))


def _discard(undo: Undo) -> None:
    """Take the copy of a file away that was not archived after all."""
    if "anchor" in undo:
        with place_below(os.fsencode(str(undo["anchor"])), os.fsencode(str(undo["name"]))) as kept:
            kept.remove()
            kept.sync()


def _mark(context: Context) -> str:
    return context.idempotency_key[:MARK_CHARS]


def _go_on(context: Context) -> Callable[[], bool]:
    end_s = time.monotonic() + context.timeout_s

    def go_on() -> bool:
        if time.monotonic() > end_s:
            raise TimeoutError("it took longer than agent.actions.timeout")
        return not context.cancel.is_set()

    return go_on


def _words(exc: Exception) -> str:
    if isinstance(exc, OSError):
        name = f": {os.fsdecode(exc.filename)}" if isinstance(exc.filename, (str, bytes)) else ""
        return f"{exc.strerror or exc}{name}"
    return str(exc)
