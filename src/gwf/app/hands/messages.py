"""Has messages that could not be delivered sent again: the same message under the same id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from gwf.alerts.delivery.desk import DeliveryDesk, MessageStateError
from gwf.alerts.delivery.model import MessageState
from gwf.alerts.delivery.reads import KeptMessage
from gwf.control.caller import Caller
from gwf.core.errors import GwfError, NotFoundError
from gwf.letters.model import Carried, Letter, LetterState, Run, Verdict
from gwf.letters.ports import Content

_Act = Callable[..., Awaitable[KeptMessage]]


class MessageHands:
    """See gwf.letters.ports.Hands. The letter follows its message in the transaction of each step of that."""

    def __init__(self, desk: DeliveryDesk) -> None:
        """Act as people do at the desk of the delivery."""
        self._desk = desk

    async def content(self, letter: Letter) -> Content:
        """Return what would be sent; how it reads is not changed any more."""
        try:
            kept, _ = await self._desk.message(letter.tenant, letter.subject)
        except NotFoundError:  # kept long enough and removed
            return Content(editable=None)
        return Content(editable=None, description=f"{kept.message.channel}: {kept.message.title}")

    def standing(self, agent_id: str) -> str:  # noqa: ARG002  # of the port
        """No agent is asked."""
        return ""

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:  # noqa: ARG002  # nothing is editable
        """Return what stands in the way: the message went its way, or its channel is gone."""
        try:
            kept, _ = await self._desk.message(letter.tenant, letter.subject)
            await self._desk.channel(kept.message.channel)
        except NotFoundError as exc:
            return exc.code
        waits = kept.state in {MessageState.FAILED, MessageState.WAITING}
        return "" if waits else MessageStateError.code

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Have messages tried now."""
        return [await self._done(letter, run, self._desk.again, to=LetterState.REPLAYING) for letter in letters]

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Have messages never tried again."""
        return [await self._done(letter, run, self._desk.give_up, to=LetterState.DROPPED) for letter in letters]

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Look whether the channel can be reached; whether it takes the message only sending it can tell."""
        name = letters[0].place
        try:
            problem = await self._desk.check(name)
        except NotFoundError as exc:
            return Verdict.STILL, [f"{name}: {exc.message}"]
        return (Verdict.STILL, [f"{name}: {problem}"]) if problem else (Verdict.UNKNOWN, [f"{name}: reachable"])

    async def _done(self, letter: Letter, run: Run, act: _Act, *, to: LetterState) -> Carried:
        by = Caller(actor=run.actor, name=run.by, reason=run.reason, request_id=run.request_id)
        try:
            await act(letter.tenant, letter.subject, by=by)
        except NotFoundError as exc:
            is_gone = to is LetterState.DROPPED
            return Carried(letter=letter, state=to if is_gone else LetterState.OPEN, note=exc.code)
        except GwfError as exc:
            if exc.retryable:  # the database is away: all of it is done again, and what was done stays so
                raise
            return Carried(letter=letter, state=LetterState.OPEN, note=exc.code)
        return Carried(letter=letter, state=to)
