"""Runs a long call in a thread and lets it know when its client has gone away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive

T = TypeVar("T")


async def run_until_gone(call: Callable[[Callable[[], bool]], T], receive: Receive) -> T:
    """Return what `call` returns; it is given a function that tells whether the client has gone.

    `receive` must have given the whole body already.
    """
    gone = threading.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        return await run_in_threadpool(call, gone.is_set)
    finally:
        watcher.cancel()
