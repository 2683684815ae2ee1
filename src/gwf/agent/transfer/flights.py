"""Small files that one thread has sent and whose answers it has not read yet."""

from __future__ import annotations

import os
import select
import time
from collections import deque

import msgspec

from gwf.agent.model import Work
from gwf.storage.ports import BegunPut

IN_FLIGHT = 8  #: small files that one thread sends before it reads an answer
LOOK_S = 1.0  #: longest sleep


class Begun(msgspec.Struct, gc=False):
    """One file on its way."""

    work: Work
    #: of the open file, to be closed in the end
    descriptor: int
    put: BegunPut
    #: monotonic second
    started_s: float = 0.0


class Bell:
    """Wakes a thread that sleeps in poll(2). Ring it from any thread."""

    def __init__(self) -> None:
        """Open a pipe."""
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)

    def fileno(self) -> int:
        """Return the descriptor that is readable once it rang."""
        return self._read_end

    def ring(self) -> None:
        """Wake the thread, now or when it sleeps the next time."""
        try:
            os.write(self._write_end, b"x")
        except BlockingIOError:  # it has rung often enough
            return

    def silence(self) -> None:
        """Forget that it rang."""
        try:
            os.read(self._read_end, 4096)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close the pipe; nobody may ring any more."""
        os.close(self._read_end)
        os.close(self._write_end)


class Flights:
    """What one thread has in flight, oldest first.

    To wait for each answer costs a thread two switches a file: to sleep until it comes, and to get the interpreter's
    lock back. Who sends several files first finds the answers there.
    """

    def __init__(self) -> None:
        """Start with nothing in flight."""
        self._begun: deque[Begun] = deque()

    def add(self, begun: Begun) -> None:
        """Note a file that was sent."""
        self._begun.append(begun)

    def take_answered(self) -> Begun | None:
        """Remove and return the oldest if its answer is there."""
        begun = self._begun
        return begun.popleft() if begun and begun[0].put.has_answer() else None

    def take_next(self) -> Begun:
        """Remove and return the oldest, answered or not."""
        return self._begun.popleft()

    def wait(self, bell: Bell) -> list[tuple[Begun, bool]]:
        """Sleep until an answer comes or the bell rings; remove and return (file, overdue) of what is to be ended."""
        poller = select.poll()
        poller.register(bell.fileno(), select.POLLIN)
        by_descriptor = {begun.put.fileno(): begun for begun in self._begun}
        if -1 in by_descriptor:  # its connection was closed under our hands: the end tells why
            return self._take([by_descriptor[-1]], overdue=False)
        for descriptor in by_descriptor:
            poller.register(descriptor, select.POLLIN)
        oldest = self._begun[0]
        sleep_s = max(0.0, min(LOOK_S, oldest.put.overdue_s - time.monotonic()))
        ready = {descriptor for descriptor, _ in poller.poll(1000 * sleep_s)}
        if bell.fileno() in ready:
            bell.silence()
        answered = [begun for descriptor, begun in by_descriptor.items() if descriptor in ready]
        if not answered and time.monotonic() >= oldest.put.overdue_s:
            return self._take([oldest], overdue=True)
        return self._take(answered, overdue=False)

    def _take(self, taken: list[Begun], *, overdue: bool) -> list[tuple[Begun, bool]]:
        for begun in taken:
            self._begun.remove(begun)
        return [(begun, overdue) for begun in taken]

    def __len__(self) -> int:
        """Return how many files are in flight."""
        return len(self._begun)
