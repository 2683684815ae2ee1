"""Tells other programs of this host where the port of the process in a data directory is."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from gwf.core.settings.addresses import is_loopback

_NAME = "address"

log = logging.getLogger("gwf.agent")


def publish(directory: Path, url: str) -> None:
    """Write the address down, for the owner only. Without it `gwf config` takes that of the configuration."""
    temporary = directory / f".{_NAME}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(url + "\n")
        os.replace(temporary, directory / _NAME)
    except OSError as exc:
        log.warning("address_not_written", extra={"error": exc.strerror})


def withdraw(directory: Path) -> None:
    """Remove the address."""
    with contextlib.suppress(OSError):
        os.unlink(directory / _NAME)


def find_url(directory: Path) -> str | None:
    """Return the address of the process that works in `directory`; None when none does, or it cannot be read.

    A process that was killed leaves its address behind, and another program may have its port by now: so it counts
    only while somebody holds the lock of the directory. Whoever takes the lock removes what was left before, so what
    is read after a look at the lock is of whoever holds it.
    """
    if not _written(directory) or not is_held(directory):
        return None
    return _written(directory) or None


def _written(directory: Path) -> str:
    try:
        return (directory / _NAME).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_held(directory: Path) -> bool:
    """Tell whether a process has taken `directory`; it may be about to start or to end, without an address."""
    try:
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def shared_address(url: str) -> str | None:
    """Return an address of ours if other machines reach it under it; None for loopback and for every address."""
    host = urlsplit(url).hostname or ""
    return None if is_loopback(host) or host in {"0.0.0.0", "::"} else url
