"""How a process that runs for long treats its memory: few heaps of the C library, garbage looked for seldom."""

from __future__ import annotations

import ctypes
import gc

COLLECT_EVERY = 20_000  #: containers made and not freed after which garbage is looked for; Python's own number is 700
ARENAS = (
    2  #: of its own accord glibc makes 8 for each core: measured by `bench soak`, they held 8 MB more that was free
)
_M_ARENA_MAX = -8  # malloc.h of glibc


def share_heaps() -> bool:
    """Allow at most ARENAS heaps. Call before the first thread starts; False = this C library has no such limit."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_M_ARENA_MAX, ARENAS))


def collect_seldom() -> None:
    """Look for garbage seldom, and never in what was made so far. Call when everything runs.

    What is made for a file leads nowhere back to itself and is freed without a search; what waits for its turn would be
    searched again and again.
    """
    gc.freeze()
    now, *older = gc.get_threshold()
    gc.set_threshold(max(now, COLLECT_EVERY), *older)
