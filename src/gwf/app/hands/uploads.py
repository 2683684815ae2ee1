"""Does given-up files again: the agent that has them is asked, and acts on exactly the version that is meant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gwf.app.hands.tasks import together
from gwf.audit.model import SYSTEM
from gwf.control.asks.desk import AskDesk
from gwf.control.asks.model import Asking, AskKind, Record
from gwf.control.caller import Caller
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.state import AgentState
from gwf.core.errors import ErrorClass, GwfError, InputError
from gwf.letters.model import Carried, Letter, LetterState, Run, Verdict
from gwf.letters.ports import Content
from gwf.wire.agentletters import (
    MAX_FILES,
    LetterFile,
    LetterOrder,
    LetterOutcome,
    LetterOutcomes,
    StoreAnswer,
    StoreQuery,
)

CENTRE = Caller(actor=SYSTEM, name="centre")
AT_ONCE = 8  #: agents that are asked at a time
CANNOT_SEE = frozenset(
    {ErrorClass.LOCAL_IO.value, ErrorClass.CHECKSUM.value, ErrorClass.TOO_LARGE.value, ErrorClass.CONFLICT.value}
)
_STATES: Mapping[LetterOutcome, tuple[LetterState, str]] = {
    "replayed": (LetterState.REPLAYING, ""),
    "already": (LetterState.REPLAYING, ""),
    "done": (LetterState.RESOLVED, ""),
    "dropped": (LetterState.DROPPED, ""),
    "gone": (LetterState.DROPPED, "file_vanished"),
    "changed": (LetterState.OPEN, "file_changed"),
    "unknown": (LetterState.OPEN, "file_unknown"),
}


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str | None = Field(default=None, min_length=1, max_length=200)
    key: str | None = Field(default=None, min_length=1, max_length=1_024)


class UploadHands:
    """See gwf.letters.ports.Hands."""

    def __init__(self, asks: AskDesk, roster: Roster) -> None:
        """Ask agents by `asks`."""
        self._asks = asks
        self._roster = roster

    async def content(self, letter: Letter) -> Content:
        """Return where the file goes."""
        source = letter.source
        return Content(editable={"store": str(source.get("store") or ""), "key": str(source.get("key") or "")})

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:
        """Return whether the agent can be asked now."""
        if edit is not None:
            _edited(edit)
        return self.standing(letter.agent_id or "")

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Ask each agent to send its files again."""
        return await self._acted(letters, run, AskKind.LETTERS_REPLAY)

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Ask each agent to give its files up."""
        return await self._acted(letters, run, AskKind.LETTERS_DROP)

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Have agents ask the store how it is."""
        by_agent = {letter.agent_id or "": letter for letter in letters}
        looks = [await self._look(letter) for _, letter in sorted(by_agent.items())]
        return together([verdict for verdict, _ in looks]), [found for _, found in looks]

    async def of_agent(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Return how the agents are that letters of tasks are about; what they would do is not known."""
        found: list[str] = []
        for name in sorted({letter.agent_id or "" for letter in letters}):
            live = self._roster.find(AgentId(name))
            state = AgentState.OFFLINE if live is None else live.verdict.state
            found.append(f"{name}: {state.value}")
            if state in {AgentState.OFFLINE, AgentState.REVOKED}:
                return Verdict.STILL, found
        return Verdict.UNKNOWN, found

    async def _look(self, letter: Letter) -> tuple[str, str]:
        store = str(letter.source.get("store") or "")
        if note := self.standing(letter.agent_id or ""):
            return Verdict.STILL, f"{letter.agent_id}: {note}"
        asking = _asking(letter, AskKind.STORE, StoreQuery(store=store))
        try:
            answer = StoreAnswer.model_validate_json(await self._asks.ask(asking), extra="ignore")
        except GwfError as exc:
            return Verdict.UNKNOWN, f"{letter.agent_id}: {exc}"[:500]
        except ValidationError:
            return Verdict.UNKNOWN, f"{letter.agent_id}: the answer was not understood"
        told = f"{letter.agent_id}: store {store} answers in {answer.latency_ms:.0f} ms"
        if not answer.ok:
            return Verdict.STILL, f"{letter.agent_id}: store {store}: {answer.message}"[:500]
        return (Verdict.UNKNOWN if letter.error_class in CANNOT_SEE else Verdict.GONE), told

    def standing(self, agent_id: str) -> str:
        """Return whether the agent can be asked now."""
        live = self._roster.find(AgentId(agent_id))
        if live is None or live.agent.revoked_at_ms is not None:
            return "agent_revoked"
        return "agent_offline" if live.verdict.state is AgentState.OFFLINE else ""

    async def _acted(self, letters: Sequence[Letter], run: Run, kind: AskKind) -> Sequence[Carried]:
        room = asyncio.Semaphore(AT_ONCE)

        async def some(part: Sequence[Letter]) -> Sequence[Carried]:
            async with room:
                return await self._told(part, run, kind)

        return [one for part in await asyncio.gather(*map(some, _portions(letters))) for one in part]

    async def _told(self, letters: Sequence[Letter], run: Run, kind: AskKind) -> Sequence[Carried]:
        """Tell one agent; what it cannot be told stays open with the reason."""
        edit = _edited(letters[0].edit or {}) if kind is AskKind.LETTERS_REPLAY else _Edit()
        order = LetterOrder(
            files=[_file(letter) for letter in letters], author=run.by, reason=run.reason, to_store=edit.store,
            to_key=edit.key,
        )  # fmt: skip
        caller = Caller(actor=run.actor, name=run.by, reason=run.reason, request_id=run.request_id)
        detail = {"run_id": run.run_id, "files": len(letters)}
        record = Record(action=f"agent.{kind.value.replace('.', '_')}", detail=detail)
        asking = _asking(letters[0], kind, order, by=caller, record=record)
        try:
            outcomes = LetterOutcomes.model_validate_json(await self._asks.ask(asking), extra="ignore").outcomes
        except GwfError as exc:
            return [Carried(letter=letter, state=LetterState.OPEN, note=exc.code) for letter in letters]
        except ValidationError:
            outcomes = []
        if len(outcomes) != len(letters):
            return [Carried(letter=letter, state=LetterState.OPEN, note="answer_not_understood") for letter in letters]
        places = [_STATES[outcome] for outcome in outcomes]
        return [
            Carried(letter=letter, state=state, note=note)
            for letter, (state, note) in zip(letters, places, strict=True)
        ]


def _asking(
    letter: Letter, kind: AskKind, body: BaseModel, *, by: Caller = CENTRE, record: Record | None = None
) -> Asking:
    return Asking(
        tenant=letter.tenant, agent_id=AgentId(letter.agent_id or ""), kind=kind, body=body.model_dump_json().encode(),
        by=by, record=record,
    )  # fmt: skip


def _portions(letters: Sequence[Letter]) -> list[Sequence[Letter]]:
    """Return letters by agent, few enough for one question; one that was changed goes alone."""
    found: list[list[Letter]] = []
    open_of: dict[str, list[Letter]] = {}
    for letter in letters:
        if letter.edit is not None:
            found.append([letter])
            continue
        part = open_of.get(letter.agent_id or "")
        if part is None or len(part) >= MAX_FILES:
            part = open_of[letter.agent_id or ""] = []
            found.append(part)
        part.append(letter)
    return list(found)


def _file(letter: Letter) -> LetterFile:
    source = letter.source
    return LetterFile(
        file_id=int(str(source["file_id"])), version=int(str(source["gen"])), path=str(source["path"])
    )  # fmt: skip


def _edited(edit: Mapping[str, object]) -> _Edit:
    try:
        return _Edit.model_validate(edit)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        raise InputError("this cannot be changed so", field=f"edit/{where}", why=first["msg"]) from exc
