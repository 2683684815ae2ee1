"""Has the rules decide again: about one event by the rules of today, or about a batch that was never decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gwf.core.errors import GwfError, NotFoundError
from gwf.core.text import one_line
from gwf.db.letter_news import BATCH
from gwf.letters.model import Carried, Letter, LetterState, Run, Verdict
from gwf.letters.ports import Content
from gwf.rules.decider import Decider, DeciderParts
from gwf.rules.decision import Decision, EventKind, EventRef
from gwf.rules.ports import DraftSink

GONE = "event_not_kept"
FAULTY = "rule_faulty"


class DecisionHands:
    """See gwf.letters.ports.Hands."""

    def __init__(self, decider: Decider, parts: DeciderParts, sink: DraftSink | None) -> None:
        """Decide by `decider` and what it works on; drafts go to `sink`."""
        self._decider = decider
        self._events = parts.events
        self._decisions = parts.decisions
        self._book = parts.book
        self._sink = sink

    async def content(self, letter: Letter) -> Content:
        """Return nothing to change: the rule is what has to be mended."""
        return Content(editable=None, description=letter.message)

    def standing(self, agent_id: str) -> str:  # noqa: ARG002  # of the port
        """No agent is asked."""
        return ""

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:  # noqa: ARG002  # of the port
        """Decide without storing it."""
        return (await self._tried(letter))[0]

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:  # noqa: ARG002  # of the port
        """Decide, and hand drafts over: work that was made before is the same work."""
        return [await self._again(letter) for letter in letters]

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:  # noqa: ARG002  # of the port
        """Give letters up; a batch stays open for the rules."""
        return [Carried(letter=letter, state=LetterState.DROPPED) for letter in letters]

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Decide without storing it."""
        looks = [await self._tried(letter) for letter in letters]
        findings = [f"{letter.about}: {found}" for letter, (note, found) in zip(letters, looks, strict=True) if note]
        return (Verdict.STILL if findings else Verdict.GONE), findings

    async def _again(self, letter: Letter) -> Carried:
        note, _ = await self._tried(letter)
        if note == GONE:
            return Carried(letter=letter, state=LetterState.RESOLVED, note=note)
        if note:
            return Carried(letter=letter, state=LetterState.OPEN, note=note, failed_again=True)
        if BATCH in letter.source:
            batch = await self._decisions.batch(int(str(letter.source[BATCH])))
            if batch is not None and batch.decided_at_ms is None:
                await self._decider.decide(batch)
        elif self._sink is not None:
            await self._sink.take([await self._decided(letter)])
        return Carried(letter=letter, state=LetterState.RESOLVED)

    async def _tried(self, letter: Letter) -> tuple[str, str]:
        """Return the code of what stands in the way, and what it is in words; nothing is stored."""
        try:
            if BATCH not in letter.source:
                return _judged(await self._decided(letter))
            batch = await self._decisions.batch(int(str(letter.source[BATCH])))
            if batch is None:
                return GONE, "not kept any more"
            async for portion in self._events.of_batch(batch, sorted(self._book.tenants())):
                for facts in portion:
                    self._book.of(facts.ref.tenant).rules.decide(facts)
        except NotFoundError:
            return GONE, "not kept any more"
        except GwfError:
            raise
        except Exception as exc:  # noqa: BLE001  # what the batch fails by is what is asked for
            return FAULTY, one_line(f"{type(exc).__name__}: {exc}")[:500]
        return "", ""

    async def _decided(self, letter: Letter) -> Decision:
        kind = EventKind.FILE if letter.source.get("is_file") else EventKind.EVENT
        ref = EventRef(letter.tenant, kind, int(str(letter.source["row_id"])))
        return self._book.of(letter.tenant).rules.decide(await self._events.one(ref))


def _judged(decision: Decision) -> tuple[str, str]:
    if not decision.faults:
        return "", ""
    fault = decision.faults[0]
    return FAULTY, f"rule {fault.rule.rule_id} v{fault.rule.version} {fault.pointer}: the event has no {fault.field}"
