"""Unfinished multipart uploads of the local store: one directory each, with the data and one mark per part."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator

from gwf.core.errors import CorruptDataError, FaultScope, NotFoundError
from gwf.storage.hashing import PartDigest, Span, chunks
from gwf.storage.local_tree import TEMP_NAME
from gwf.storage.model import FileSource, MultipartState, Part

_PREFIX = "upload-"
_DATA = "data"
_ABOUT = "about.json"


def create(root: str, key: str) -> str:
    """Begin an upload and return its id."""
    upload_id = secrets.token_hex(16)
    directory = _directory(root, upload_id)
    os.makedirs(directory, mode=0o700)
    os.close(os.open(os.path.join(directory, _DATA), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
    with open(os.path.join(directory, _ABOUT), "w", encoding="utf-8") as about:
        json.dump({"key": key}, about)
        about.flush()
        os.fsync(about.fileno())
    _sync_directory(directory)
    _sync_directory(os.path.dirname(directory))
    return upload_id


def send(root: str, state: MultipartState, source: FileSource, *, span: Span) -> tuple[Part, PartDigest]:
    """Copy one part to its place; its mark appears only when its bytes are on disk."""
    directory = _known(root, state)
    md5 = hashlib.md5(usedforsecurity=False)
    fd = os.open(os.path.join(directory, _DATA), os.O_WRONLY | os.O_CLOEXEC)
    try:
        at = span.offset
        for chunk in chunks(source, span.offset, span.size_bytes):
            md5.update(chunk)
            at += write_all(fd, chunk, at)
        os.fsync(fd)
    finally:
        os.close(fd)
    part = Part(number=span.number, size_bytes=span.size_bytes, etag=md5.hexdigest())
    os.close(os.open(os.path.join(directory, _mark(part)), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    _sync_directory(directory)
    return part, PartDigest(number=part.number, size_bytes=part.size_bytes, md5=part.etag)


def parts(root: str, state: MultipartState) -> tuple[Part, ...]:
    """Return the marked parts by number, as far as the disk still holds what their marks say.

    A part that was sent again, or only begun to be, has a mark of its earlier bytes beside, which says so no more.
    """
    directory = _known(root, state)
    fd = os.open(os.path.join(directory, _DATA), os.O_RDONLY | os.O_CLOEXEC)
    try:
        size_bytes = os.fstat(fd).st_size
        held = FileSource(fd=fd, size_bytes=size_bytes)
        return tuple(part for part in _in_order(directory) if _is_whole(part, held, state.part_size_bytes))
    finally:
        os.close(fd)


def finished_data(root: str, state: MultipartState) -> str:
    """Return the path of the complete data, ready to be renamed to its object.

    Raises:
        CorruptDataError: A part is missing or has another size.
    """
    path = os.path.join(_known(root, state), _DATA)
    if not set(state.parts) <= set(_marks(os.path.dirname(path))) or os.stat(path).st_size != state.size_bytes:
        raise CorruptDataError("a part is missing or differs", key=state.key)
    return path


def drop(root: str, upload_id: str) -> None:
    """Remove an upload and all it holds; an unknown one is no error."""
    if upload_id.isalnum():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(_directory(root, upload_id))


def unfinished(root: str) -> Iterator[tuple[str, str, int]]:
    """Yield (key, upload id, begun at, ms since the epoch) of every upload."""
    try:
        names = os.listdir(os.path.join(root, os.fsdecode(TEMP_NAME)))
    except FileNotFoundError:
        return
    for name in names:
        if name.startswith(_PREFIX):
            upload_id = name.removeprefix(_PREFIX)
            about = os.path.join(_directory(root, upload_id), _ABOUT)
            key = _key_of(about)
            if not key:
                continue
            try:
                begun_at_ms = os.stat(about).st_mtime_ns // 1_000_000
            except FileNotFoundError:  # removed just now
                continue
            yield key, upload_id, begun_at_ms


def is_begun(name: str, temp_fd: int) -> bool:
    """Tell whether the directory `name` is an upload whose key was written down; its maker may still be at it."""
    try:
        return os.stat(os.path.join(name, _ABOUT), dir_fd=temp_fd).st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False


def write_all(fd: int, data: bytes | memoryview, offset: int) -> int:
    """Write all of `data` at `offset` and return its length."""
    view, done = memoryview(data), 0
    while done < len(view):
        done += os.pwrite(fd, view[done:], offset + done)
    return done


def _key_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as about:
            return str(json.load(about)["key"])
    except (FileNotFoundError, ValueError):  # being made or removed just now
        return ""


def _directory(root: str, upload_id: str) -> str:
    return os.path.join(root, os.fsdecode(TEMP_NAME), _PREFIX + upload_id)


def _known(root: str, state: MultipartState) -> str:
    directory = _directory(root, state.upload_id)
    # without its data it was completed: the rename took them away
    if not state.upload_id.isalnum() or not os.path.isfile(os.path.join(directory, _DATA)):
        raise NotFoundError("upload is not known", scope=FaultScope.OBJECT, key=state.key, upload_id=state.upload_id)
    return directory


def _is_whole(part: Part, held: FileSource, part_size_bytes: int) -> bool:
    offset, md5 = (part.number - 1) * part_size_bytes, hashlib.md5(usedforsecurity=False)
    if offset + part.size_bytes > held.size_bytes:
        return False
    for chunk in chunks(held, offset, part.size_bytes):
        md5.update(chunk)
    return md5.hexdigest() == part.etag


def _in_order(directory: str) -> tuple[Part, ...]:
    return tuple(sorted(_marks(directory), key=lambda part: part.number))


def _mark(part: Part) -> str:
    return f"part-{part.number}-{part.size_bytes}-{part.etag}"


def _marks(directory: str) -> list[Part]:
    found: list[Part] = []
    for name in os.listdir(directory):
        if name.startswith("part-"):
            _, number, size, md5 = name.split("-")
            found.append(Part(number=int(number), size_bytes=int(size), etag=md5))
    return found


def _sync_directory(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
