from __future__ import annotations

import subprocess
import sys

import pytest

from gwf.core.heap import ARENAS

# Each thread keeps blocks that are too large for Python's own heap, so that the C library has to give it one.
_PROGRAM = """
import sys, threading
from gwf.core.heap import share_heaps
limited = share_heaps()
kept, together = [], threading.Barrier(17)
def run():
    together.wait()
    kept.append([bytearray(2000) for _ in range(500)])
    together.wait()
for _ in range(16):
    threading.Thread(target=run, daemon=True).start()
together.wait()
together.wait()
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps") if "rw-p" in line and "/" not in line]
print(limited, sum(start % (64 << 20) == 0 for start in starts))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the heaps are counted in /proc")
def test_many_threads_share_few_heaps() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    if told[0] == "False":
        pytest.skip("this C library has no such limit")
    assert int(told[1]) < ARENAS  # the first heap is the process' own and begins elsewhere


_SELDOM = """
import gc, weakref
from gwf.core.heap import COLLECT_EVERY, collect_seldom
collect_seldom()
class Loop: pass
loop = Loop()
loop.itself, gone = loop, weakref.ref(loop)
del loop
few = [[] for _ in range(COLLECT_EVERY // 2)]
before = gone() is None
many = [[] for _ in range(COLLECT_EVERY)]
print(gc.get_freeze_count() > 0, before, gone() is None)
"""


def test_garbage_is_looked_for_seldom_but_still_found() -> None:
    told = subprocess.run([sys.executable, "-c", _SELDOM], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["True", "False", "True"]
