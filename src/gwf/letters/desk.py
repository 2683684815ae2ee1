"""What people do at the dead letters' desk: look, see what a replay would do, have many done again or given up."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.audit.deed import check_revision
from gwf.audit.model import Actor, AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import InputError
from gwf.letters.model import (
    CauseGroup,
    Letter,
    LetterFilter,
    LetterId,
    LetterKind,
    LetterState,
    LetterStateError,
    NotEditableError,
    Probe,
    Run,
    RunAct,
    RunId,
    RunProgress,
    Verdict,
)
from gwf.letters.ports import Content, Hands, LetterStore
from gwf.letters.rehearsal import MOST_AWAY, Change, Rehearsal, away_of, differences, kinds_of

MOST = 100_000  #: letters of one run
MOST_GROUPS = 500
MOST_IDS = 1_000
SHOWN = 20  #: letters that a rehearsal names
_Find = Callable[[str, LetterId], Awaitable[Letter]]
PROBED = 5  #: letters of a cause that a look at it takes as its samples


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """On whose behalf something is done."""

    tenant: str
    actor: Actor
    name: str
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done with letters."""

    act: RunAct
    #: which of the open ones
    wanted: LetterFilter
    reason: str
    #: those that failed again after a replay too; when single ones are named they are meant anyway
    poison: bool = False
    #: letters at most, the oldest first
    most: int = MOST
    #: letters in a second; None = as fast as it goes
    rate_per_s: float | None = None
    #: what is to be changed of the one letter that is meant
    edit: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A part of a list with its counts."""

    items: Sequence[Letter]
    #: None = not counted: only the first part is
    total: int | None
    facets: Mapping[str, Mapping[str, int]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Letters by cause, with what is known of each cause."""

    #: the largest MOST_GROUPS of them
    items: Sequence[CauseGroup]
    #: letters of all groups
    total: int
    probes: Mapping[str, Probe]


class LetterDesk:
    """The desk. `hands` says who does each kind of letter again."""

    def __init__(
        self, store: LetterStore, hands: Mapping[LetterKind, Hands], *, clock: Clock, woken: Callable[[], None]
    ) -> None:
        """`woken` is told that there is a run."""
        self._store = store
        self._hands = hands
        self._clock = clock
        self._woken = woken

    def now_ms(self) -> int:
        """Return the wall time."""
        return self._clock.now_ms()

    # -- looking ---------------------------------------------------------------------------------------

    async def look(
        self, tenant: str, wanted: LetterFilter, *, limit: int, after: tuple[int, str] | None, facets: bool
    ) -> Look:
        """Return a part of the letters that fit, the last failed first; the first part with how many there are."""
        async with self._store.view() as view:
            return Look(
                items=await view.page(tenant, wanted, limit=limit, after=after),
                total=await view.count(tenant, wanted) if after is None else None,
                facets=await view.facets(tenant, wanted) if facets else None,
            )

    async def groups(self, tenant: str, wanted: LetterFilter) -> Groups:
        """Return what fits by cause, the largest group first."""
        async with self._store.view() as view:
            items = await view.groups(tenant, wanted, limit=MOST_GROUPS)
            probes = await view.probes(tenant, [one.cause_id for one in items])
            is_all = len(items) < MOST_GROUPS
            total = sum(one.count for one in items) if is_all else await view.count(tenant, wanted)
        return Groups(items=items, total=total, probes={one.cause_id: one for one in probes})

    async def get(self, tenant: str, letter_id: LetterId) -> tuple[Letter, Content]:
        """Return a letter and what a replay would do.

        Raises:
            LetterNotFoundError: There is none.
        """
        letter = await self._find(tenant, letter_id)
        hands = self._hands.get(letter.kind)
        return letter, Content(editable=None) if hands is None else await hands.content(letter)

    async def last_probe(self, tenant: str, cause_id: str) -> Probe | None:
        """Return what the last look at a cause found; None = nobody looked."""
        async with self._store.view() as view:
            return next(iter(await view.probes(tenant, [cause_id])), None)

    async def runs(self, tenant: str, *, limit: int) -> Sequence[RunProgress]:
        """Return runs and how far they are, the newest first."""
        async with self._store.view() as view:
            runs = await view.runs(tenant, limit=limit)
            counts = await view.run_counts([run.run_id for run in runs])
        return [_progress(run, counts.get(run.run_id, {})) for run in runs]

    async def run(self, tenant: str, run_id: RunId) -> RunProgress:
        """Return how far a run is.

        Raises:
            RunNotFoundError: There is none.
        """
        async with self._store.view() as view:
            run = await view.run(tenant, run_id)
            counts = await view.run_counts([run_id])
        return _progress(run, counts.get(run_id, {}))

    async def _find(self, tenant: str, letter_id: LetterId) -> Letter:
        async with self._store.view() as view:
            return await view.find(tenant, letter_id)

    # -- looking at causes -----------------------------------------------------------------------------

    async def probe(self, tenant: str, cause_id: str) -> Probe:
        """Look whether a cause is gone, by what can be asked without doing anything; keep what was found.

        Raises:
            InputError: No open letter has this cause.
        """
        wanted = LetterFilter(causes=frozenset({cause_id}))
        async with self._store.view() as view:
            letters = await view.page(tenant, wanted, limit=PROBED, after=None)
        if not letters:
            raise InputError("no open dead letter has this cause", cause_id=cause_id)
        hands = self._hands.get(letters[0].kind)
        word, findings = (Verdict.UNKNOWN, ()) if hands is None else await hands.probe(letters)
        probe = Probe(cause_id=cause_id, verdict=Verdict(word), findings=tuple(findings), at_ms=self._clock.now_ms())
        async with self._store.change() as change:
            await change.keep_probe(tenant, probe)
        return probe

    # -- orders ----------------------------------------------------------------------------------------

    async def rehearse(self, tenant: str, wish: Wish) -> Rehearsal:
        """Say what a wish would do; changes nothing.

        Raises:
            LetterNotFoundError, LetterStateError: A letter that is named is not there, or waits for nobody.
            RevisionError: The one letter that is named is not as it was when it was looked at.
            InputError: The change that is wanted of it cannot work.
        """
        wanted = self._meant(wish)
        changes: Sequence[Change] = ()
        if wish.edit is not None:
            changes = await self._changes(tenant, wish)
        async with self._store.view() as view:
            await _require_open(view.find, tenant, wish.wanted.ids)
            count = await view.count(tenant, wanted)
            left_out = 0 if wanted.poison is None else await view.count(tenant, replace(wanted, poison=True))
            taken = min(count, wish.most)
            spread = await view.spread(tenant, wanted, limit=taken)
            letters = await view.first(tenant, wanted, limit=min(SHOWN, taken))
        checked = letters if wish.act is RunAct.REPLAY and wish.edit is None else ()
        notes = [await self._standing(letter) for letter in checked] or [""] * len(letters)
        away = away_of(spread, self._hands) if wish.act is RunAct.REPLAY else ()
        return Rehearsal(
            count=taken,
            poison_left_out=left_out,
            beyond=count - taken,
            kinds=kinds_of(spread),
            away=away[:MOST_AWAY],
            out_of_reach=sum(one.count for one in away),
            items=list(zip(letters, notes, strict=True)),
            changes=changes,
            takes_s=None if wish.rate_per_s is None else taken / wish.rate_per_s,
        )

    async def order(self, wish: Wish, by: By) -> Run:
        """Begin a run over what is open and fits, on record in the same transaction.

        Raises:
            LetterNotFoundError, LetterStateError, RevisionError, InputError: As `rehearse`.
        """
        if wish.edit is not None:
            await self._changes(by.tenant, wish)
        run = Run(
            run_id=RunId(f"run-{secrets.token_hex(8)}"),
            tenant=by.tenant,
            act=wish.act,
            total=0,
            rate_per_s=wish.rate_per_s,
            actor=by.actor,
            by=by.name,
            reason=wish.reason,
            request_id=by.request_id,
            created_at_ms=self._clock.now_ms(),
        )
        async with self._store.change() as change:
            await _require_open(change.find, by.tenant, wish.wanted.ids)
            ids = await change.queue(run, self._meant(wish), limit=min(wish.most, MOST))
            if wish.edit is not None:
                if not ids:
                    raise LetterStateError("somebody else took this letter meanwhile", letter_id=min(wish.wanted.ids))
                await change.edit(ids[0], wish.edit)
            change.record(_entry(run, wish, ids))
        self._woken()
        return replace(run, total=len(ids))

    async def stop(self, run_id: RunId, by: By, *, reason: str) -> RunProgress:
        """End a run; what it did not get to is open again.

        Raises:
            RunNotFoundError: There is none.
        """
        async with self._store.change() as change:
            run = await change.run(by.tenant, run_id)
            if run.ended_at_ms is None:
                now_ms = self._clock.now_ms()
                await change.end(run_id, now_ms=now_ms, stopped=True)
                change.record(
                    AuditEntry(
                        tenant=by.tenant,
                        actor=by.actor,
                        action="dead_letters.stop",
                        resource=Resource(kind="letter_run", id=run_id),
                        at_ms=now_ms,
                        reason=reason,
                        request_id=by.request_id,
                    )
                )
        return await self.run(by.tenant, run_id)

    def _meant(self, wish: Wish) -> LetterFilter:
        wanted = replace(wish.wanted, states=frozenset({LetterState.OPEN}))
        leaves_poison = wish.act is RunAct.REPLAY and not wish.poison and not wanted.ids and wanted.poison is None
        return replace(wanted, poison=False) if leaves_poison else wanted

    async def _changes(self, tenant: str, wish: Wish) -> Sequence[Change]:
        """Return what an edit changes, once it was checked."""
        if len(wish.wanted.ids) != 1 or wish.act is not RunAct.REPLAY:
            raise NotEditableError("exactly one letter can be changed before it is done again", field="edit")
        (name,) = wish.wanted.ids
        letter, content = await self.get(tenant, name)
        if content.editable is None or wish.edit is None:
            raise NotEditableError("nothing of this letter can be changed", letter_id=name, kind=letter.kind.value)
        unknown = sorted(wish.edit.keys() - content.editable.keys())
        if unknown:
            raise NotEditableError(
                "this part of the letter cannot be changed", field=f"edit/{unknown[0]}", known=sorted(content.editable)
            )
        await self._hands[letter.kind].check(letter, wish.edit)
        return list(differences(content.editable, {**content.editable, **wish.edit}))

    async def _standing(self, letter: Letter) -> str:
        hands = self._hands.get(letter.kind)
        return "no_replay" if hands is None else await hands.check(letter, None)


async def _require_open(find: _Find, tenant: str, ids: frozenset[LetterId]) -> None:
    """Refuse names of letters that are not open: who names one means that one, as it was looked at."""
    if len(ids) > MOST_IDS:
        raise InputError("so many letters cannot be named at once: use a filter", most=MOST_IDS)
    for name in sorted(ids):
        letter = await find(tenant, name)
        if letter.state is not LetterState.OPEN:
            raise LetterStateError("this letter waits for nobody", letter_id=name, state=letter.state.value)
        if len(ids) == 1:
            check_revision(Resource(kind="letter", id=name), letter.revision)


def _progress(run: Run, counts: Mapping[tuple[LetterState, bool], int]) -> RunProgress:
    def of(state: LetterState) -> int:
        return counts.get((state, False), 0) + counts.get((state, True), 0)

    return RunProgress(
        run=run,
        queued=of(LetterState.QUEUED),
        replaying=of(LetterState.REPLAYING),
        resolved=of(LetterState.RESOLVED),
        dropped=of(LetterState.DROPPED),
        refused=counts.get((LetterState.OPEN, True), 0),
        failed_again=counts.get((LetterState.OPEN, False), 0),
    )


def _entry(run: Run, wish: Wish, ids: Sequence[LetterId]) -> AuditEntry:
    meant = wish.wanted
    chosen: dict[str, object] = {
        name: sorted(map(str, values))
        for name, values in (
            ("kinds", meant.kinds), ("error_classes", meant.error_classes), ("causes", meant.causes),
            ("places", meant.places), ("agents", meant.agents), ("rules", meant.rules),
        )
        if values
    }  # fmt: skip
    if meant.text:
        chosen["text"] = meant.text
    single = ids[0] if len(ids) == 1 else None
    return AuditEntry(
        tenant=run.tenant,
        actor=run.actor,
        action=f"dead_letters.{run.act.value}",
        resource=Resource(kind="letter_run", id=run.run_id) if single is None else Resource(kind="letter", id=single),
        at_ms=run.created_at_ms,
        reason=run.reason,
        request_id=run.request_id,
        detail={
            "run_id": run.run_id,
            "letters": len(ids),
            "chosen": chosen,
            "poison": wish.poison,
            "rate_per_s": run.rate_per_s,
            "edited": None if wish.edit is None else sorted(wish.edit),
        },
    )
