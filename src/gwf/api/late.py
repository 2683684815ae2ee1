"""An application that is made when the server starts, in its event loop: its parts may need what only exists there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol, runtime_checkable

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gwf.core.collecting import kept
from gwf.core.errors import GwfError

log = logging.getLogger(__name__)


@runtime_checkable
class Leaving(Protocol):
    """An application with streams that must end before connections can close."""

    def leave(self) -> None:
        """Let them end; called in the event loop when the port begins to close."""
        ...


def let_leave(app: object) -> None:
    """Tell an application that the port begins to close, if it wants to know."""
    if isinstance(app, Leaving):
        app.leave()


class LateApp:
    """ASGI application that opens another one at the start and closes it at the end; requests come only between."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[FastAPI]]) -> None:
        """Open by `opened`."""
        self._opened = opened
        self._app: FastAPI | None = None
        #: why it could not be opened; the server ends then
        self.error: GwfError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._app is None:
            raise RuntimeError("a request came before the start")
        await self._app(scope, receive, send)

    def leave(self) -> None:
        """Pass on that the port begins to close (Leaving)."""
        let_leave(self._app)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        async with AsyncExitStack() as stack:
            try:
                with kept():
                    app = await stack.enter_async_context(self._opened())
                    await stack.enter_async_context(app.router.lifespan_context(app))
                self._app = app
            except GwfError as exc:
                await self._failed(exc, send)
                return
            except Exception as exc:
                log.exception("start_crashed")
                await self._failed(GwfError("a fault of the program; see the log", reason=str(exc)), send)
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown
        await send({"type": "lifespan.shutdown.complete"})

    async def _failed(self, error: GwfError, send: Send) -> None:
        self.error = error
        await send({"type": "lifespan.startup.failed", "message": str(error)})
