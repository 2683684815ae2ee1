"""Runs a long call and lets it know when its client has gone away: one in a thread is told, one that waits is ended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive

from gwf.core.errors import ConflictError

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


async def ended_when_gone(call: Coroutine[Any, Any, T], receive: Receive) -> T:
    """Return what `call` returns; it is cancelled when the client goes away.

    `receive` must have given the whole body already.

    Raises:
        ConflictError: The client went away; nobody reads this.
    """
    task = asyncio.ensure_future(call)
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        task.cancel()

    watcher = asyncio.create_task(watch())
    try:
        return await task
    except asyncio.CancelledError:
        if gone:
            raise ConflictError("the client went away") from None
        raise
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        task.cancel()
