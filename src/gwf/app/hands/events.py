"""Takes in once more what could not be read: by today's release, or as a person changed it; each row once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.core.clock import Clock
from gwf.core.errors import InputError
from gwf.ingest.model import OutboxBatch, RejectedRow, Sender
from gwf.ingest.outbox import MAX_KEPT_CHARS
from gwf.ingest.readmit import UnreadableRowError, batch_of, document_of
from gwf.ingest.service import IngestService
from gwf.letters.model import Carried, Letter, LetterState, Run, Verdict
from gwf.letters.ports import Content

GONE = "event_not_kept"


class EventHands:
    """See gwf.letters.ports.Hands."""

    def __init__(self, ingest: IngestService, roster: Roster, clock: Clock) -> None:
        """Store by `ingest`; labels are those that the agent has now."""
        self._ingest = ingest
        self._roster = roster
        self._clock = clock

    async def content(self, letter: Letter) -> Content:
        """Return the event as it was told."""
        kept = await self._kept(letter)
        return Content(editable=None if kept is None else {"event": self._document(letter, kept)})

    def standing(self, agent_id: str) -> str:  # noqa: ARG002  # of the port
        """No agent is asked: what it told is kept here."""
        return ""

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:
        """Read it without storing it."""
        kept = await self._kept(letter)
        if kept is None:
            return GONE
        if edit is not None:
            self._batch(letter, kept, edit)
            return ""
        try:
            self._batch(letter, kept, None)
        except UnreadableRowError as exc:
            return exc.code
        return ""

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:  # noqa: ARG002  # of the port
        """Store what can be read now."""
        return [await self._again(letter) for letter in letters]

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:  # noqa: ARG002  # of the port
        """Give letters up; what was set aside is kept as long as events are."""
        return [Carried(letter=letter, state=LetterState.DROPPED) for letter in letters]

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Read them without storing them."""
        findings: list[str] = []
        for letter in letters:
            kept = await self._kept(letter)
            if kept is None:
                findings.append(f"{letter.about}: not kept any more")
                continue
            try:
                self._batch(letter, kept, None)
            except UnreadableRowError as exc:
                findings.append(f"{letter.about}: {exc.context.get('why', exc.message)}"[:500])
        return (Verdict.STILL if findings else Verdict.GONE), findings

    async def _again(self, letter: Letter) -> Carried:
        kept = await self._kept(letter)
        if kept is None:  # it was taken in before, or is not kept any more
            return Carried(letter=letter, state=LetterState.RESOLVED, note=GONE)
        try:
            batch = self._batch(letter, kept, letter.edit)
        except InputError as exc:
            return Carried(letter=letter, state=LetterState.OPEN, note=exc.code, failed_again=True)
        await self._ingest.readmit(batch)
        return Carried(letter=letter, state=LetterState.RESOLVED)

    async def _kept(self, letter: Letter) -> RejectedRow | None:
        epoch, seq = _place(letter)
        return await self._ingest.set_aside(letter.agent_id or "", epoch, seq)

    def _document(self, letter: Letter, kept: RejectedRow) -> Mapping[str, Any]:
        return document_of(kept.content, at_ms=letter.first_seen_ms)

    def _batch(self, letter: Letter, kept: RejectedRow, edit: Mapping[str, object] | None) -> OutboxBatch:
        document: object = self._document(letter, kept) if edit is None else edit.get("event")
        if edit is None and len(kept.content) >= MAX_KEPT_CHARS:
            raise UnreadableRowError("only a part of this event was kept", why=f"{MAX_KEPT_CHARS} characters were kept")
        if not _is_object(document):
            raise UnreadableRowError("an event is an object", field="edit/event", why="no object")
        live = self._roster.find(AgentId(letter.agent_id or ""))
        labels = {} if live is None else dict(live.agent.labels)
        sender = Sender(tenant=letter.tenant, agent_id=letter.agent_id or "", labels=labels)
        return batch_of(sender, _place(letter), document, now_ms=self._clock.now_ms())


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _place(letter: Letter) -> tuple[str, int]:
    return str(letter.source["epoch"]), int(str(letter.source["seq"]))
