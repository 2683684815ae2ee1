"""Processes to look at and to end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.agent.waiting import until

STUBBORN = "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
LISTENER = """
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(600)
"""


@contextmanager
def child(
    *arguments: str, own_group: bool = True, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program until the block ends."""
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, start_new_session=own_group, env=env
    ) as process:
        try:
            until(lambda: _runs(process))
            yield process
        finally:
            process.kill()


def _runs(process: subprocess.Popen[str]) -> bool:
    """Tell whether the program has taken the place of its parent's copy, or has ended already."""
    try:
        return bool(psutil.Process(process.pid).environ()) and bool(psutil.Process(process.pid).cmdline())
    except psutil.Error:
        return True


@contextmanager
def python(program: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a Python program until the block ends; yield it with the first line it printed."""
    with child(sys.executable, "-c", program, *arguments) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
