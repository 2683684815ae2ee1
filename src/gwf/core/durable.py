"""Writes a whole file so that a crash leaves the old content or the new, never a part."""

from __future__ import annotations

import os
from pathlib import Path

from gwf.core.errors import LocalIoError


def write_durably(path: Path, content: bytes, *, mode: int) -> None:
    """Put `content` at `path` with `mode`; it is on disk when this returns.

    Raises:
        LocalIoError: The system refused; the old file is as it was.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    except OSError as exc:
        raise LocalIoError("the file cannot be written", path=str(path), reason=exc.strerror) from exc


def sync_directory(directory: Path | int) -> None:
    """Make names that were made, changed or removed in a directory survive a crash of the machine."""
    if isinstance(directory, int):
        os.fsync(directory)
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
