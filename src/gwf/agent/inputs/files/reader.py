"""The thread that drains the kernel's event queue, so that it never overflows while others work."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections import deque
from collections.abc import Callable

from gwf.agent.inputs.files.inotify import Inotify

MAX_BUFFERED_BYTES = 32 * 1024**2  #: events held in memory, about 600,000; past it a full scan replaces them
GATHER_S = 0.002  #: pause after a read, so that a burst is fetched in few large reads

log = logging.getLogger("gwf.agent.watch")


class EventReader(threading.Thread):
    """Moves raw event buffers from the kernel into memory and wakes the consumer."""

    def __init__(self, inotify: Inotify, wake: Callable[[], None]) -> None:
        """`wake` is called after new buffers came; it must be quick and thread-safe."""
        super().__init__(name="gwf-events", daemon=True)
        self._inotify = inotify
        self._wake = wake
        self._buffers: deque[bytes] = deque()
        self._buffered_bytes = 0
        self._lost = threading.Event()
        self._stop_read, self._stop_write = os.pipe()
        self._halt = threading.Event()

    def take(self) -> tuple[list[bytes], bool]:
        """Return the buffers that came since the last call, and whether events were lost in between."""
        taken: list[bytes] = []
        while self._buffers:
            taken.append(self._buffers.popleft())
        self._buffered_bytes = 0
        lost = self._lost.is_set()
        if lost:
            self._lost.clear()
        return taken, lost

    def run(self) -> None:
        """Read until stopped."""
        poller = select.poll()
        poller.register(self._inotify.fd, select.POLLIN)
        poller.register(self._stop_read, select.POLLIN)
        while not self._halt.is_set():
            ready = poller.poll()
            if any(fd == self._stop_read for fd, _ in ready):
                break
            buffer = self._inotify.read()
            if not buffer:
                continue
            if self._buffered_bytes + len(buffer) > MAX_BUFFERED_BYTES:
                self._lost.set()
            else:
                self._buffers.append(buffer)
                self._buffered_bytes += len(buffer)
            self._wake()
            self._halt.wait(GATHER_S)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._halt.set()
        os.write(self._stop_write, b"x")
        if self.is_alive():
            self.join()
        os.close(self._stop_read)
        os.close(self._stop_write)
