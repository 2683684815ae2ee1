"""What dead letters need from outside: a store, news of failures, and whoever can do a thing again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gwf.audit.model import AuditEntry
from gwf.letters.model import (
    Carried,
    CauseGroup,
    Failure,
    Letter,
    LetterFilter,
    LetterId,
    LetterKind,
    LetterState,
    Probe,
    Run,
    RunId,
)


class LetterReads(Protocol):
    """Letters at one moment. Every method raises UnavailableError when the database did not answer."""

    async def page(
        self, tenant: str, wanted: LetterFilter, *, limit: int, after: tuple[int, str] | None
    ) -> Sequence[Letter]:
        """Return a part of the letters that fit, the last failed first; `after` is last failure and id of one."""
        ...

    async def first(self, tenant: str, wanted: LetterFilter, *, limit: int) -> Sequence[Letter]:
        """Return letters that fit, those that failed first before others: as a run takes them."""
        ...

    async def spread(
        self, tenant: str, wanted: LetterFilter, *, limit: int
    ) -> Mapping[tuple[LetterKind, str | None], int]:
        """Return how many of the letters that `first` would return are of each kind and agent; None = of no agent."""
        ...

    async def count(self, tenant: str, wanted: LetterFilter) -> int:
        """Return how many letters fit."""
        ...

    async def facets(self, tenant: str, wanted: LetterFilter) -> Mapping[str, Mapping[str, int]]:
        """Return how many letters that fit have each kind, state, class, place and agent."""
        ...

    async def groups(self, tenant: str, wanted: LetterFilter, *, limit: int) -> Sequence[CauseGroup]:
        """Return what fits by cause, the largest group first."""
        ...

    async def find(self, tenant: str, letter_id: LetterId) -> Letter:
        """Return a letter.

        Raises:
            LetterNotFoundError: There is none.
        """
        ...

    async def probes(self, tenant: str, causes: Sequence[str]) -> Sequence[Probe]:
        """Return what the last looks at some causes found."""
        ...

    async def runs(self, tenant: str, *, limit: int) -> Sequence[Run]:
        """Return runs, the newest first."""
        ...

    async def run(self, tenant: str, run_id: RunId) -> Run:
        """Return a run.

        Raises:
            RunNotFoundError: There is none.
        """
        ...

    async def run_counts(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Mapping[tuple[LetterState, bool], int]]:
        """Return how many letters of runs are in each state, without and with a note."""
        ...

    async def open_runs(self) -> Sequence[Run]:
        """Return the runs of all tenants that have not ended, the oldest first."""
        ...

    async def of_kind(
        self, kind: LetterKind, states: frozenset[LetterState], *, after: LetterId | None, limit: int
    ) -> Sequence[Letter]:
        """Return letters of all tenants by their ids, from behind one on."""
        ...

    async def place(self, source: str) -> int:
        """Return how far a source of failures was read; 0 at first."""
        ...


class LetterChange(LetterReads, Protocol):
    """One transaction."""

    async def queue(self, run: Run, wanted: LetterFilter, *, limit: int) -> Sequence[LetterId]:
        """Put open letters that fit into a run, those that failed first before others; return which.

        The run is stored with their number as its total.
        """
        ...

    async def edit(self, letter_id: LetterId, edit: Mapping[str, object]) -> None:
        """Keep what is to be changed of a letter before it is done again."""
        ...

    async def take(self, run_id: RunId, *, limit: int) -> Sequence[Letter]:
        """Return queued letters of a run, locked."""
        ...

    async def carried(self, done: Sequence[Carried], *, now_ms: int) -> None:
        """Keep where letters are that were queued; those that are not queued any more are left alone."""
        ...

    async def settled(self, done: Sequence[Carried], *, now_ms: int) -> None:
        """Keep where letters are, whatever a run does with them."""
        ...

    async def replayed(self, told: Sequence[tuple[LetterId, int]], *, now_ms: int) -> None:
        """Note that somebody else had letters done again, by marks; what failed after that stays as it is."""
        ...

    async def end(self, run_id: RunId, *, now_ms: int, stopped: bool) -> None:
        """End a run; letters that it did not get to are open again."""
        ...

    async def fail(self, failures: Sequence[Failure], *, now_ms: int) -> None:
        """Enter failures that were heard of now: new letters, or further failures of those that are there."""
        ...

    async def keep_probe(self, tenant: str, probe: Probe) -> None:
        """Keep what a look at a cause found in place of the look before."""
        ...

    async def place_of(self, source: str) -> int:
        """Return how far a source of failures was read, locked; 0 at first."""
        ...

    async def move(self, source: str, place: int) -> None:
        """Keep how far a source was read."""
        ...

    def record(self, entry: AuditEntry) -> None:
        """Have a change written into the audit with this transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNews:
    """What an agent told about a file that concerns its letter."""

    row_id: int
    letter_id: LetterId
    #: None = somebody had it sent again
    failure: Failure | None


class FailureNews(Protocol):
    """Where failures are told. Every method raises UnavailableError when the database did not answer."""

    async def files(self, *, after_row_id: int, limit: int) -> Sequence[FileNews]:
        """Return files that were given up or sent again by hand, in the order in which the centre took it."""
        ...

    async def newest_file(self) -> int:
        """Return a number that grows with each thing that agents tell about files."""
        ...

    async def file_ends(self, letters: Sequence[Letter]) -> Sequence[Carried]:
        """Return which of some letters of files came to an end by what agents told after their last failure."""
        ...

    async def unreadable(self, *, since_ms: int, limit: int) -> Sequence[Failure]:
        """Return what agents told and could not be read, the oldest first."""
        ...

    async def faulty(self, *, since_ms: int, limit: int) -> Sequence[Failure]:
        """Return events of which an action could not be made, the oldest decision first."""
        ...

    async def undecided(self, *, taken_before_ms: int, limit: int) -> Sequence[Failure]:
        """Return batches of events that the rules have not decided about for long."""
        ...

    async def decided(self, letters: Sequence[Letter]) -> Sequence[Carried]:
        """Return which of some letters about batches came to an end."""
        ...

    async def dead_tasks(self, *, after: str, limit: int) -> Sequence[Failure]:
        """Return tasks of all tenants that ended badly, by their ids, from behind one on."""
        ...


class LetterStore(Protocol):
    """Keeps letters."""

    def view(self) -> AbstractAsyncContextManager[LetterReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[LetterChange]:
        """Open a transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a replay would do, and what of it can be changed."""

    #: JSON that can be edited; None = nothing can
    editable: Mapping[str, object] | None
    #: one line for people
    description: str = ""


class Hands(Protocol):
    """Does letters of some kinds again. Every method may raise UnavailableError: then nothing was done."""

    async def content(self, letter: Letter) -> Content:
        """Return what a replay would do."""
        ...

    def standing(self, agent_id: str) -> str:
        """Return the code of why nothing of an agent can be done now, whatever it is; "" = nothing that is known."""
        ...

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:
        """Return the code of what stands in the way of a replay; "" = nothing that is known.

        Raises:
            InputError: The edit cannot work; it says where.
        """
        ...

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Do letters again, each at most once whatever is repeated; say where they are."""
        ...

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Give letters up."""
        ...

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Look whether the cause of some letters is gone: the word of a verdict, and what was found.

        The letters have one cause; nothing is changed by it.
        """
        ...
