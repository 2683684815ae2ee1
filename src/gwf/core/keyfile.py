"""Reads and writes the file that holds the keys for secrets; nobody but its owner may read it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from gwf.core.durable import sync_directory, write_durably
from gwf.core.errors import ConflictError, InputError, LocalIoError
from gwf.core.sealing import Keyring, new_keyring, parse_keyring

FILE_NAME = "secrets.key"  #: inside the data directory, where no setting names another file
MAX_BYTES = 64 * 1024


def read_keyring(path: Path) -> Keyring | None:
    """Return the keys in a file; None when there is no such file.

    Raises:
        InputError: It is no key file, or others than its owner may read or write it.
        LocalIoError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            mode, raw = os.fstat(file.fileno()).st_mode, file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise LocalIoError("the key file cannot be read", path=str(path), reason=exc.strerror) from exc
    if mode & (stat.S_IRWXO | stat.S_IRWXG):
        what = f"others may read or write it (mode {mode & 0o777:o}): chmod 600"
        raise InputError("the key file is not private", path=str(path), reason=what)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "?"
    if len(raw) > MAX_BYTES:
        raise InputError("this is no key file of GWF", path=str(path), reason="it is too large")
    try:
        return parse_keyring(text)
    except InputError as exc:
        raise InputError(exc.message, path=str(path), reason=exc.context.get("reason")) from exc


def make_keyring(path: Path) -> Keyring:
    """Write a file with one new key and return it; a file that another process made meanwhile counts.

    Raises:
        ConflictError: There is a file of this name that holds no keys yet.
        LocalIoError: It cannot be written.
    """
    ring = new_keyring()
    part = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        os.makedirs(path.parent, mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(ring.text().encode())
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # unlike a rename it never replaces keys that somebody uses
            found: Keyring | None = ring
        except FileExistsError:
            found = None
        finally:
            os.unlink(part)
        sync_directory(path.parent)
    except OSError as exc:
        raise LocalIoError("the key file cannot be written", path=str(path), reason=exc.strerror) from exc
    found = found or read_keyring(path)
    if found is None:
        raise ConflictError("another process made the key file and removed it again", path=str(path))
    return found


def write_keyring(path: Path, ring: Keyring) -> None:
    """Put other keys in the place of those that a file holds.

    Raises:
        LocalIoError: It cannot be written; the old keys are as they were.
    """
    write_durably(path, ring.text().encode(), mode=0o600)
