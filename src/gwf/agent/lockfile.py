"""One process at a time in a data directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from gwf.agent.address import withdraw
from gwf.core.errors import ConflictError, LocalIoError
from gwf.identity.local import forget_token


def lock_directory(directory: Path) -> int:
    """Take the data directory for this process; return the descriptor that holds the lock until it is closed.

    The address and the token that a killed process left behind lead nowhere: they are removed.

    Raises:
        ConflictError: Another process has it.
        LocalIoError: The lock file cannot be made.
    """
    path = directory / "lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise LocalIoError("the data directory cannot be used", data_dir=str(directory), reason=exc.strerror) from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(descriptor)
        raise ConflictError(
            "another GWF process works in this data directory: stop it, or name another directory",
            data_dir=str(directory),
        ) from exc
    withdraw(directory)
    forget_token(directory)
    return descriptor
