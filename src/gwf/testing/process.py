"""A server in a child process that prints its address when it is ready."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM, Signals

from gwf.core.errors import UnavailableError

_STOP_S = 5.0


@contextmanager
def running_server(
    command: Sequence[str],
    *,
    address: str,
    start_s: float = 30.0,
    started: Callable[[int], None] | None = None,
    stop: Signals = SIGTERM,
    user: int | None = None,
) -> Generator[str]:
    """Run `command`, yield the first group of `address` found in its output, end it afterwards by `stop`.

    `started` is told its process id. `user` is the id of whom it runs as, None = as us. Its input is a pipe that closes
    when we end, however we do: by `ends_with_input` a server of ours does not outlive us.

    Raises:
        UnavailableError: It ended, or printed no address in time; its output is in the context.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, user=user
    )
    reader = _Output(process, re.compile(address))
    try:
        if started is not None:
            started(process.pid)
        yield reader.address(start_s)
    finally:
        process.send_signal(stop)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        if process.stdin is not None:
            process.stdin.close()


def ends_with_input(loop: asyncio.AbstractEventLoop, end: Callable[[], object]) -> None:
    """Call `end` once nobody holds the other end of this process's input any more."""
    source = sys.stdin.fileno()

    def look() -> None:
        if not os.read(source, 1024):
            loop.remove_reader(source)
            end()

    loop.add_reader(source, look)


def script(name: str) -> str:
    """Return the path of a command installed beside this Python."""
    return str(Path(sys.executable).parent / name)


class _Output:
    """Reads a child's output for as long as it lives, so that it never blocks on a full pipe."""

    def __init__(self, process: subprocess.Popen[str], pattern: re.Pattern[str]) -> None:
        self._process = process
        self._pattern = pattern
        self._lines: list[str] = []
        self._found = ""
        self._known = threading.Event()
        self._thread = threading.Thread(target=self._read, name="server-output", daemon=True)
        self._thread.start()

    def address(self, timeout_s: float) -> str:
        self._known.wait(timeout_s)
        if not self._found:
            raise UnavailableError("server did not start", output="".join(self._lines[-20:]))
        return self._found

    def join(self) -> None:
        self._thread.join()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if not self._found:
                self._lines.append(line)
                match = self._pattern.search(line)
                self._found = match[1] if match else ""
                if self._found:
                    self._known.set()
        self._known.set()
