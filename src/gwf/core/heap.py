"""Lets all threads of a process share few heaps of the C library, so that what one gives back serves the others."""

from __future__ import annotations

import ctypes

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
