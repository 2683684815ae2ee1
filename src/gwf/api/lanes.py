"""Keeps calls that may wait for long from holding every thread: few of a kind at a time, so that reading goes on."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, Request

from gwf.core.errors import UnavailableError

PATIENCE_S = 2.0  #: how long a call waits for a place; it holds no thread meanwhile
COME_BACK_S = 5.0  #: what a call is told that got none


class Kind(enum.StrEnum):
    """What a call may have to wait for."""

    #: the journal and the watched trees, which hang when their disk does
    CHANGE = "changes"
    #: a file that a person reads, perhaps on a mount that hangs; two searches at a time are FileLog's own limit
    FILE = "readers of files"
    #: a sample of the host, the end of a process
    HOST = "looks at the host"


#: calls of a kind under way at a time; their sum leaves some of the port's threads to all others
PLACES: Mapping[Kind, int] = {Kind.CHANGE: 2, Kind.FILE: 4, Kind.HOST: 2}


class Lanes:
    """The places of one port. Belongs to its event loop."""

    def __init__(self) -> None:
        """All places are free."""
        self._free = {kind: asyncio.Semaphore(places) for kind, places in PLACES.items()}

    @asynccontextmanager
    async def place(self, kind: Kind) -> AsyncGenerator[None]:
        """Hold a place while the block runs.

        Raises:
            UnavailableError: All are held by calls that wait themselves.
        """
        free = self._free[kind]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await free.acquire()
        except TimeoutError:
            raise UnavailableError(
                "calls of this kind are waiting, for a disk perhaps; try again later",
                retry_after_s=COME_BACK_S,
                kind=kind.value,
                most=PLACES[kind],
            ) from None
        try:
            yield
        finally:
            free.release()


def place(kind: Kind) -> Any:  # what FastAPI's Depends returns
    """Return the dependency by which a route holds a place; it stands behind what reads the body, which may be slow."""

    async def held(request: Request) -> AsyncGenerator[None]:
        lanes: Lanes = request.app.state.lanes
        async with lanes.place(kind):
            yield

    return Depends(held)
