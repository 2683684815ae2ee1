"""Writes files as an application does, at a steady pace or all at once, for the instance to find."""

from __future__ import annotations

import os
import random
import threading
import time

LARGE_EVERY = 40  #: one file in so many is sent in parts
LARGE_BYTES = 350 * 1024
THRESHOLD_BYTES = 256 * 1024  #: of the scratch store
PART_BYTES = 100 * 1024  #: of the scratch store
PER_DIRECTORY = 100


class Writer:
    """Makes numbered files below one directory; none is ever changed."""

    def __init__(self, top: str, *, size_bytes: int) -> None:
        """Write nothing yet."""
        self._top = top
        self._size_bytes = size_bytes
        self._random = random.Random(20)  # noqa: S311 - content, no secret
        self._count = 0
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self.error: OSError | None = None

    @property
    def written(self) -> int:
        """Files made so far."""
        return self._count

    def burst(self, files: int) -> None:
        """Write files as fast as it goes."""
        for _ in range(files):
            self._write()

    def start(self, files: int, *, within_s: float) -> None:
        """Write files evenly spread over a time, in a thread."""
        self._thread = threading.Thread(target=self._spread, args=(files, within_s), name="drill-writer", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until all is written.

        Raises:
            OSError: A file could not be written.
        """
        if self._thread is not None:
            self._thread.join()
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Write no more."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join()

    def _spread(self, files: int, within_s: float) -> None:
        began_s = time.monotonic()
        try:
            for number in range(files):
                if self._halt.wait(max(0.0, began_s + within_s * number / files - time.monotonic())):
                    return
                self._write()
        except OSError as exc:
            self.error = exc  # told by `finish`

    def _write(self) -> None:
        number = self._count
        directory = os.path.join(self._top, f"d{number // PER_DIRECTORY:03d}")
        os.makedirs(directory, exist_ok=True)
        size = LARGE_BYTES + number if number % LARGE_EVERY == LARGE_EVERY - 1 else self._size_bytes
        head = b"%d\n" % number
        with open(os.path.join(directory, f"f{number:06d}.dat"), "wb") as file:
            file.write(head + self._random.randbytes(max(0, size - len(head))))
        self._count += 1
