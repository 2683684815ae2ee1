"""Keeps the garbage collector away from what stays for as long as the process: it would find nothing there."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def kept() -> Generator[None]:
    """Let the collector rest in the block, and never look at what was made in it.

    A full collection over a centre's modules, routes and agents takes 0.1 s, and heartbeats would wait as long.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
