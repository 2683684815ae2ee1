"""Work that goes on by itself beside a block, and is heard of when it ends too early."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress

log = logging.getLogger("gwf.app")


@asynccontextmanager
async def beside(work: Coroutine[None, None, None], *, name: str) -> AsyncGenerator[None]:
    """Let `work` go on until the block ends, then cancel it and wait for it.

    An error that ends it before is logged at once, and raised where the block ends.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("work_ended_early", exc_info=error, extra={"work": task.get_name()})
