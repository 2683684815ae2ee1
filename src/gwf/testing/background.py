"""An asyncio server in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager


@contextmanager
def served_in_thread(starting: Coroutine[object, object, asyncio.Server], name: str) -> Generator[int]:
    """Start a server on a loop of its own in a thread, yield its port, end it and its tasks afterwards.

    The loop never runs in the calling thread, where another one (a browser driver's, say) may be running.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name=name, daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(starting, loop).result()
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
