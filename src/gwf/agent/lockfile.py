"""One process at a time in a data directory."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from gwf.agent.address import withdraw
from gwf.core.errors import ConflictError, LocalIoError
from gwf.identity.local import forget_token

#: a look at the lock holds it for a moment; it must not keep a process from starting
_TRIES = 100
_PAUSE_S = 0.02


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
    for _ in range(_TRIES):
        if not _lock(descriptor, fcntl.LOCK_SH):
            break  # somebody has it alone
        withdraw(directory)  # while nobody can have it alone: nobody takes what is left for that of the new one
        forget_token(directory)
        if _lock(descriptor, fcntl.LOCK_EX):
            return descriptor
        time.sleep(_PAUSE_S)  # somebody looks whether it is taken, or starts as well
    os.close(descriptor)
    raise ConflictError(
        "another GWF process works in this data directory: stop it, or name another directory", data_dir=str(directory)
    )


def _lock(descriptor: int, how: int) -> bool:
    """Take the lock if that can be done at once; otherwise it is given back, if it was held in another way."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
    return True
