"""Signals of the operating system as something to wait for."""

from __future__ import annotations

import os
import signal
import socket

_STDIN = 0
STOPPING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Signals as something to wait for.

    A handler runs between two steps of the main thread: one that comes just before that thread goes to sleep in a lock
    or queue would wait until something else wakes it. A byte in a socket does not get lost.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        """Take `numbers` from now on; their default actions no longer happen."""
        self._numbers = numbers
        self._inbox, self._outbox = socket.socketpair()
        self._outbox.settimeout(0)
        signal.set_wakeup_fd(self._outbox.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda _number, _frame: None)

    def wait(self) -> signal.Signals:
        """Return the next of them; one that came before the call counts too."""
        while True:
            number = self._inbox.recv(1)[0]
            if number in self._numbers:
                return signal.Signals(number)


def on_terminal() -> bool:
    """Tell whether a terminal is there now: SIGHUP means that it went away, or else that files shall be read again."""
    return os.isatty(_STDIN)
