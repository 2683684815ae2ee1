"""The files of the edge in this process, asked without a detour: by its own port, and by the centre beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from fastapi import APIRouter

from gwf.agent.files.answers import FileAnswers
from gwf.api.v1.agent_files import agent_file_downloads, agent_file_orders, agent_file_routes
from gwf.api.v1.incoming import incoming_orders, incoming_pieces
from gwf.control.asks.errors import AgentBusyError, AgentSilentError, error_of
from gwf.control.asks.model import PATIENCE_S, Asking, AskKind, Reply
from gwf.control.fleet.model import AgentId
from gwf.core.errors import NotFoundError

LOCAL = AgentId("local")  #: how the edge of a process without a centre is called
AT_ONCE = 4  #: questions to the agent of this process at a time; each may read a disk


class OwnFiles:
    """The agent of this process, asked without a detour (control.asks.ports.LocalAgent). Used in one event loop."""

    def __init__(self, answers: FileAnswers, *, own_id: Callable[[], str]) -> None:
        """`own_id` is the id that a centre gave this agent, "" while it has none."""
        self._answers = answers
        self._own_id = own_id
        self._busy = 0

    def is_agent(self, agent_id: AgentId) -> bool:
        """Tell whether this is its id."""
        return agent_id == self._own_id()

    async def answer(self, kind: AskKind, body: bytes, *, timeout_s: float) -> Reply:
        """Answer a question in a thread; a cancelled call ends the work, too.

        Raises:
            AgentBusyError: All threads are at work.
            AgentSilentError: It takes too long: a disk hangs, perhaps.
        """
        if self._busy >= AT_ONCE:
            raise AgentBusyError("enough questions are being answered", most=AT_ONCE, retry_after_s=1.0)
        gone, loop = threading.Event(), asyncio.get_running_loop()
        answered: asyncio.Future[Reply] = loop.create_future()

        def work() -> None:
            reply = self._answers.answer(kind, body, timeout_s=timeout_s, stopped=gone.is_set)
            with suppress(RuntimeError):  # the loop ended meanwhile: nobody waits
                loop.call_soon_threadsafe(self._done, answered, reply)

        self._busy += 1
        # a daemon, because a disk that hangs must not hold up the end of the process
        threading.Thread(target=work, name="gwf-files", daemon=True).start()
        try:
            async with asyncio.timeout(timeout_s):
                return await answered
        except TimeoutError:
            raise AgentSilentError("the files did not answer in time", waited_s=timeout_s, retry_after_s=5.0) from None
        finally:
            gone.set()

    def _done(self, answered: asyncio.Future[Reply], reply: Reply) -> None:
        self._busy -= 1
        if not answered.done():
            answered.set_result(reply)


class OnlyOwnFiles:
    """The one agent of a process without a centre (api.ports.AgentFilesSource); the journal keeps who did what."""

    def __init__(self, own: OwnFiles) -> None:
        """Ask `own`."""
        self._own = own

    async def ask(self, asking: Asking) -> bytes:
        """Return what this agent answers; see the port."""
        if asking.agent_id != LOCAL and not self._own.is_agent(asking.agent_id):
            raise NotFoundError("this process has one agent, called local", agent_id=asking.agent_id)
        reply = await self._own.answer(asking.kind, asking.body, timeout_s=PATIENCE_S[asking.kind])
        if reply.problem is not None:
            raise error_of(reply.problem)
        return reply.body or b"null"


def own_routers(own: OwnFiles) -> Sequence[APIRouter]:
    """Return the routers of an edge without a centre."""
    source = OnlyOwnFiles(own)
    return [
        agent_file_routes(source),
        agent_file_downloads(source),
        agent_file_orders(source),
        incoming_orders(source),
        incoming_pieces(source),
    ]
