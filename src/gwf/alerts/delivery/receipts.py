"""What channels took, noted in a file as soon as they say so: whoever delivers next knows it after a kill."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gwf.core.errors import LocalIoError

KEPT_BYTES = 64 * 1024  #: so much may stand in it that the database knows


class ReceiptFile:
    """Shared by the centre and its sender. What was written outlives both at once; it needs not be synced for that.

    Whoever delivers holds a lock on it, together with the sender that was given the open file: it is free when both
    are gone.
    """

    def __init__(self, path: Path) -> None:
        """Go on with what stands in the file.

        Raises:
            LocalIoError: It cannot be opened.
        """
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise LocalIoError("the file of receipts cannot be opened", path=str(path)) from exc

    @classmethod
    def inherited(cls, descriptor: int) -> Self:
        """Return the file that another process opened."""
        file = cls.__new__(cls)
        file._file = descriptor
        return file

    def fileno(self) -> int:
        """Return the open file."""
        return self._file

    def take(self) -> bool:
        """Take the lock; tell whether it is ours. While it is not, a sender of before may still have requests out."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as exc:
            raise LocalIoError("the file of receipts cannot be locked") from exc
        return True

    def add(self, message_id: str, receipt: str) -> None:
        """Note that a message was taken.

        Raises:
            LocalIoError: The disk is full or fails; the database will know all the same, if nothing is killed first.
        """
        note = json.dumps({"message": message_id, "receipt": receipt})
        line = f"\n{note}\n"  # begun anew, should the line before be cut off
        try:
            os.write(self._file, line.encode())
        except OSError as exc:
            raise LocalIoError("a receipt cannot be noted", message_id=message_id) from exc

    def read(self) -> Mapping[str, str]:
        """Return the receipts by message, of processes before this one too; a line that was cut off counts not."""
        raw = os.pread(self._file, os.fstat(self._file).st_size, 0)
        found: dict[str, str] = {}
        for line in raw.split(b"\n")[:-1]:
            try:
                value = json.loads(line)
                found[value["message"]] = value["receipt"]
            except (ValueError, KeyError, TypeError):  # a disk that was full cut it off, and the next one follows it
                continue
        return found

    def tidy(self) -> None:
        """Forget all if it has become much: only while the database knows them."""
        if os.fstat(self._file).st_size > KEPT_BYTES:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
