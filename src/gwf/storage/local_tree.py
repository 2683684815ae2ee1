"""Directories of the local store: opened one segment at a time, never through a symbolic link."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Generator, Iterator
from typing import Any

from gwf.core.errors import (
    ConflictError,
    DeniedError,
    ErrorClass,
    FaultScope,
    GwfError,
    InputError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from gwf.storage.keys import check_key
from gwf.storage.model import ObjectMeta

TEMP_NAME = b".gwf-tmp"  #: unfinished objects live here, on the same file system as the finished ones
_OPEN_DIR = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_STANDS_IN_WAY = {errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST, errno.ELOOP}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def segments_of(key: str) -> list[bytes]:
    """Return the names along the path of `key`.

    Raises:
        InputError: The key breaks the rules of keys or names the store's own directory.
    """
    segments = check_key(key).split(b"/")
    if segments[0] == TEMP_NAME:
        raise InputError("object key names the store's own directory", scope=FaultScope.OBJECT, key=key)
    return segments


@contextlib.contextmanager
def translated(root: str, key: str = "") -> Generator[None]:
    """Turn each OSError of the block into one of our errors."""
    try:
        yield
    except OSError as exc:
        raise translate(exc, root, key) from exc


def translate(exc: OSError, root: str, key: str) -> GwfError:
    """Return our error for a failure of the local file system."""
    values: dict[str, Any] = {"root": root, "key": key, "errno": exc.errno, "reason": exc.strerror}
    if exc.errno in _STANDS_IN_WAY:
        return ConflictError("another object or link stands in the way", scope=FaultScope.OBJECT, **values)
    if exc.errno in _DENIED:
        return DeniedError(
            "directory of the store may not be written or read",
            scope=FaultScope.DESTINATION,
            retryable=True,
            **values,
        )
    if exc.errno == errno.ENAMETOOLONG:
        return TooLargeError("name is too long for this file system", scope=FaultScope.OBJECT, **values)
    if exc.errno == errno.ENOENT:
        return NotFoundError("object does not exist", scope=FaultScope.OBJECT, **values)
    return UnavailableError("local file system failed", error_class=ErrorClass.LOCAL_IO, **values)


def open_root(root: str) -> int:
    """Return a descriptor of the store's directory, made now if only its last name is missing.

    Raises:
        NotFoundError: Its parent is missing too (perhaps nothing is mounted there).
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        return os.open(root, flags)
    except FileNotFoundError:
        pass
    except NotADirectoryError as exc:
        raise ConflictError(
            "store's path is no directory", scope=FaultScope.DESTINATION, retryable=True, root=root
        ) from exc
    try:
        with contextlib.suppress(FileExistsError):  # another thread was faster
            os.mkdir(root, 0o755)
        return os.open(root, flags)
    except FileNotFoundError as exc:
        raise NotFoundError(
            "store's directory and its parent are missing: create it, or mount what belongs there",
            scope=FaultScope.DESTINATION,
            retryable=True,
            root=root,
        ) from exc


def open_temp(root_fd: int) -> int:
    """Return a descriptor of the directory for unfinished objects, made if missing."""
    try:
        return os.open(TEMP_NAME, _OPEN_DIR, dir_fd=root_fd)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(TEMP_NAME, 0o700, dir_fd=root_fd)
        return os.open(TEMP_NAME, _OPEN_DIR, dir_fd=root_fd)


def open_parent(root_fd: int, segments: list[bytes], *, create: bool) -> int:
    """Return a descriptor of the directory that holds the last segment; new directories are made durable."""
    at = os.dup(root_fd)
    for name in segments[:-1]:
        parent = at
        try:
            at = _open_child(parent, name, create=create)
        finally:
            os.close(parent)
    return at


def prune(root_fd: int, segments: list[bytes]) -> None:
    """Remove the directories above a deleted object that are empty now."""
    for depth in range(len(segments) - 1, 0, -1):
        try:
            parent = open_parent(root_fd, segments[:depth], create=False)
        except OSError:  # someone else pruned it, or it is no directory of ours: nothing left to do
            return
        try:
            os.rmdir(segments[depth - 1], dir_fd=parent)
        except OSError:  # not empty, or not ours to remove: it stays
            return
        finally:
            os.close(parent)


def walk(root: str, prefix: str, after: str) -> Iterator[ObjectMeta]:
    """Yield objects in key order whose key starts with `prefix` and is greater than `after`."""
    yield from _walk(os.fsencode(root), "", prefix=prefix, after=after)


def meta_of(key: str, found: os.stat_result) -> ObjectMeta:
    """Return what the file system says about an object."""
    return ObjectMeta(key=key, size_bytes=found.st_size, etag="", modified_at_ms=found.st_mtime_ns // 1_000_000)


def _open_child(parent: int, name: bytes, *, create: bool) -> int:
    try:
        return os.open(name, _OPEN_DIR, dir_fd=parent)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=parent)
        os.fsync(parent)
    return os.open(name, _OPEN_DIR, dir_fd=parent)


def _walk(directory: bytes, base: str, *, prefix: str, after: str) -> Iterator[ObjectMeta]:
    for name, is_dir in _entries(directory, top=not base):
        key = base + name
        if is_dir:
            # a whole subtree is left out when no key in it can match
            if (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
                yield from _walk(os.path.join(directory, name[:-1].encode()), key, prefix=prefix, after=after)
        elif key.startswith(prefix) and key > after:
            with contextlib.suppress(FileNotFoundError):  # deleted while we list: not there any more
                yield meta_of(key, os.lstat(os.path.join(directory, name.encode())))


def _entries(directory: bytes, *, top: bool) -> list[tuple[str, bool]]:
    """Return names in key order: a directory sorts as its name with the slash."""
    found: list[tuple[str, bool]] = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if top and entry.name == TEMP_NAME:
                    continue
                is_dir = entry.is_dir(follow_symlinks=False)
                with contextlib.suppress(UnicodeDecodeError):  # no key of ours: keys are UTF-8
                    if is_dir or entry.is_file(follow_symlinks=False):
                        found.append((entry.name.decode() + ("/" if is_dir else ""), is_dir))
    except FileNotFoundError:
        return []
    return sorted(found)


def is_file(found: os.stat_result) -> bool:
    """Tell whether this is an object and no directory, link or device."""
    return stat.S_ISREG(found.st_mode)
