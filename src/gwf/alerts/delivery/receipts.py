"""What channels took, noted in a file as soon as they say so: kept by a process that is killed the moment after."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from gwf.core.errors import LocalIoError


class ReceiptFile:
    """Used in one event loop. What was written outlives the process at once; the file needs not be synced for that."""

    def __init__(self, path: Path) -> None:
        """Go on with what stands in the file.

        Raises:
            LocalIoError: It cannot be opened.
        """
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise LocalIoError("the file of receipts cannot be opened", path=str(path)) from exc

    def add(self, message_id: str, receipt: str) -> None:
        """Note that a message was taken.

        Raises:
            LocalIoError: The disk is full or fails; the database will know all the same, if it is not killed first.
        """
        line = json.dumps({"message": message_id, "receipt": receipt}) + "\n"
        try:
            os.write(self._file, line.encode())
        except OSError as exc:
            raise LocalIoError("a receipt cannot be noted", message_id=message_id) from exc

    def read(self) -> Mapping[str, str]:
        """Return the receipts by message, of a process before this one too; a line that was cut off counts not."""
        raw = os.pread(self._file, os.fstat(self._file).st_size, 0)
        found: dict[str, str] = {}
        for line in raw.split(b"\n")[:-1]:
            value = json.loads(line)
            found[value["message"]] = value["receipt"]
        return found

    def clear(self) -> None:
        """Forget all: the database knows them."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
